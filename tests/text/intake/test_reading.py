"""Texts of each kind, what must be left of them, and what must not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.intake import plain_line, plain_text, read, read_subject, says_nothing

ISSUE = "The second monitor stays black since this morning, the cable is in."
OLD = "Please open Credential Manager and remove the MicrosoftOffice16 entries, then start Outlook again."

QUOTED = {
    "outlook en": f"{ISSUE}\n\nFrom: Desk <desk@example.com>\nSent: Tuesday, 3 March 2026 09:12\nTo: Maria\nSubject: RE: x\n\n{OLD}",
    "outlook bold": f"{ISSUE}\n\n*From:* Desk\n*Sent:* Tuesday\n*To:* Maria\n*Subject:* RE: x\n\n{OLD}",
    "outlook rule": f"{ISSUE}\n________________________________\nFrom: Desk <d@example.com>\nSent: Monday\nTo: M\nSubject: y\n\n{OLD}",
    "original message": f"{ISSUE}\n\n-----Original Message-----\nFrom: Desk\nSent: Monday\nSubject: y\n\n{OLD}",
    "outlook de": f"{ISSUE}\n\nVon: Desk <d@example.com>\nGesendet: Dienstag, 3. März 2026\nAn: M\nBetreff: AW: y\n\n{OLD}",
    "outlook fr": f"{ISSUE}\n\nDe : Desk <d@example.com>\nEnvoyé : mardi 3 mars\nÀ : M\nObjet : RE: y\n\n{OLD}",
    "outlook es": f"{ISSUE}\n\nDe: Desk\nEnviado: martes\nPara: M\nAsunto: y\n\n{OLD}",
    "outlook it": f"{ISSUE}\n\nDa: Desk\nInviato: martedì\nA: M\nOggetto: y\n\n{OLD}",
    "outlook nl": f"{ISSUE}\n\nVan: Desk\nVerzonden: dinsdag\nAan: M\nOnderwerp: y\n\n{OLD}",
    "outlook ru": f"{ISSUE}\n\nОт: Desk\nОтправлено: вторник\nКому: М\nТема: y\n\n{OLD}",
    "outlook ro": f"{ISSUE}\n\nDe la: Desk\nTrimis: marți\nCătre: M\nSubiect: y\n\n{OLD}",
    "outlook bg": f"{ISSUE}\n\nОт: Сервизно бюро\nИзпратено: вторник, 3 март 2026 г.\nДо: Елена\nОтносно: RE: y\n\n{OLD}",
    "gmail en": f"{ISSUE}\n\nOn Tue, 3 Mar 2026 at 09:12, IT Desk <d@example.com> wrote:\n> Dear Maria,\n> {OLD}",
    "gmail wrapped": f"{ISSUE}\n\nOn Tue, 3 Mar 2026 at 09:12, IT Service Desk of the whole company\n<d@example.com> wrote:\n\n> {OLD}\n> y",
    "gmail bg": f"{ISSUE}\n\nНа вт, 3.03.2026 г. в 9:12 Бюро <d@example.com> написа:\n> {OLD}\n> y",
    "gmail de": f"{ISSUE}\n\nAm Di., 3. März 2026 um 09:12 Uhr schrieb Desk <d@example.com>:\n> {OLD}\n> y",
    "gmail fr": f"{ISSUE}\n\nLe mar. 3 mars 2026 à 09:12, Desk <d@example.com> a écrit :\n> {OLD}\n> y",
    "gmail es": f"{ISSUE}\n\nEl mar, 3 mar 2026 a las 9:12, Desk (<d@example.com>) escribió:\n> {OLD}\n> y",
    "gmail it": f"{ISSUE}\n\nIl giorno mar 3 mar 2026 alle ore 09:12 Desk <d@example.com> ha scritto:\n> {OLD}\n> y",
    "gmail nl": f"{ISSUE}\n\nOp di 3 mrt 2026 om 09:12 schreef Desk <d@example.com>:\n> {OLD}\n> y",
    "gmail ru": f"{ISSUE}\n\nвт, 3 мар. 2026 г. в 09:12, Desk <d@example.com>:\n> {OLD}\n> y",
    "thunderbird ru": f"{ISSUE}\n\n03.03.2026 09:12, Desk пишет:\n> {OLD}\n> y",
    "gmail ro": f"{ISSUE}\n\nÎn mar., 3 mar. 2026 la 09:12, Desk <d@example.com> a scris:\n> {OLD}\n> y",
    "marks only": f"{ISSUE}\n\n> {OLD}\n> Regards",
    "bottom posted": f"On Tue, 3 Mar 2026 at 09:12, Desk <d@example.com> wrote:\n> {OLD}\n> y\n\n{ISSUE}",
    "zendesk": f"{ISSUE}\n\n##- Please type your reply above this line -##\n{OLD}",
    "html": f"<html><body><p>{ISSUE}</p><blockquote><p>{OLD}</p><p>y</p></blockquote></body></html>",
    "html outlook": f"<div>{ISSUE}</div><hr><div><b>From:</b> Desk<br><b>Sent:</b> Monday<br><b>To:</b> M<br><b>Subject:</b> y</div><p>{OLD}</p>",
}


@pytest.mark.parametrize("form", QUOTED)
def test_the_newest_part_of_a_mail_counts(form: str) -> None:
    found = read(plain_text(QUOTED[form]))
    assert found.message.strip() == ISSUE
    assert "Credential Manager" in found.beside


FORWARDED = (
    f"Please see below.\n\nRegards, Ivan\n\nFrom: M <m@example.com>\nSent: Monday\nTo: Ivan\nSubject: Screen\n\n{ISSUE}",
    f"FYI\n\n---------- Forwarded message ---------\nFrom: M <m@example.com>\nDate: Mon, 2 Mar 2026\nSubject: Screen\nTo: D\n\n{ISSUE}",
    f"---------- Forwarded message ---------\nFrom: M <m@example.com>\nDate: Mon\nSubject: Screen\nTo: D\n\n{ISSUE}",
    f"Вижте по-долу.\n\nОт: М\nИзпратено: вторник\nДо: Иван\nОтносно: Екран\n\n{ISSUE}",
    f"Препращам.\n\n-------- Препратено съобщение --------\nОт: М\nДата: вторник\nДо: Иван\nОтносно: Екран\n\n{ISSUE}",
    f"Siehe unten.\n\nVon: M\nGesendet: Montag\nAn: I\nBetreff: Bild\n\n{ISSUE}",
    f"Voir ci-dessous.\n\nDe : M <m@example.com>\nEnvoyé : lundi\nÀ : I\nObjet : Écran\n\n{ISSUE}",
    f"Begin forwarded message:\n\nFrom: M <m@example.com>\nSubject: Screen\nDate: 3 March 2026\nTo: D\n\n{ISSUE}",
    f"Hi team,\n\nas discussed.\n\nThanks,\nIvan\n\nOn Tue, 3 Mar 2026 at 09:12, M <m@example.com> wrote:\n> {ISSUE}\n> M",
    f"See attached mail\n\n-----Original Message-----\nFrom: M\nSent: Monday\nSubject: Screen\n\n{ISSUE}",
)


@pytest.mark.parametrize("text", FORWARDED)
def test_where_the_newest_part_says_nothing_the_mail_below_is_the_message(text: str) -> None:
    assert ISSUE in read(text).message


SAYING_LITTLE = (
    "Any news?",
    "Still not working.",
    "Any update on this?",
    "Still the same here",
    "Has there been any progress?",
    "Gentle reminder",
    "Има ли новини?",
    "Все още не работи.",
    "Пак същото",
    "Някакво развитие?",
    "Gibt es Neuigkeiten?",
    "Immer noch nicht behoben.",
    "Toujours pas de nouvelles ?",
    "Есть новости?",
    "Всё ещё не работает.",
)


@pytest.mark.parametrize("newest", SAYING_LITTLE)
def test_where_the_newest_mail_says_little_an_earlier_one_is_read(newest: str) -> None:
    found = read(f"{newest}\n\nOn Tue, 3 Mar 2026 at 09:12, M <m@example.com> wrote:\n> {ISSUE}\n> M")
    assert ISSUE in found.message
    assert found.is_of_earlier_mail


def test_where_the_newest_mail_says_something_no_earlier_one_is_read() -> None:
    assert not read(QUOTED["gmail en"]).is_of_earlier_mail


BANNERS = (
    "CAUTION: This message came from outside the organisation. Do not click on links or open attachments unless you know"
    " the sender and the content is safe.",
    "EXTERNAL EMAIL: Do not click links or open attachments unless you recognize the sender.",
    "[EXTERNAL] This email originated from outside of your organization.",
    "WARNING: This e-mail originated outside of the company. Report suspicious messages with the Report Phishing button.",
    "You don't often get email from m@example.com. Learn why this is important",
    "ВНИМАНИЕ: Това писмо е от външен подател. Не отваряйте прикачени файлове и връзки, ако не познавате подателя."
    " Съобщете за съмнителен имейл (фишинг).",
    "Внимание! Този имейл е изпратен от подател извън организацията.",
    "ACHTUNG: Diese E-Mail stammt von einem externen Absender. Klicken Sie nicht auf Links und öffnen Sie keine Anhänge.",
    "ATTENTION : cet e-mail provient d'un expéditeur externe. Ne cliquez pas sur les liens.",
    "ATENCIÓN: este correo proviene de fuera de la organización. No haga clic en enlaces ni abra archivos adjuntos.",
    "ATTENZIONE: e-mail proveniente da un mittente esterno. Non cliccare su link.",
    "LET OP: deze e-mail komt van een externe afzender. Klik niet op links.",
    "ВНИМАНИЕ: внешний отправитель. Не переходите по ссылкам и не открывайте вложения.",
    "ATENȚIE: acest e-mail vine de la un expeditor extern. Nu deschideți linkuri.",
)
DISCLAIMERS = (
    "This e-mail and any attachments are confidential. If you have received it by mistake, notify the sender, delete the"
    " message and do not open, copy or forward the attachments. E-mail cannot be guaranteed free of viruses; the recipient"
    " should scan every attachment for malware before opening.",
    "The information in this message is privileged and confidential and intended solely for the addressee. Any disclosure,"
    " copying or distribution is strictly prohibited.",
    "If you are not the intended recipient, please delete this email and inform the sender.",
    "Please consider the environment before printing this e-mail.",
    "Това съобщение е поверително и е предназначено само за получателя. Ако сте го получили по погрешка, уведомете"
    " подателя и го изтрийте.",
    "Моля, помислете за природата, преди да отпечатате това писмо. Мислете за природата!",
    "Diese E-Mail ist vertraulich. Wenn Sie nicht der richtige Adressat sind oder diese E-Mail irrtümlich erhalten haben,"
    " informieren Sie bitte sofort den Absender und vernichten Sie diese Mail.",
    "Ce message est confidentiel et destiné exclusivement à son destinataire. Si vous l'avez reçu par erreur, merci"
    " d'avertir l'expéditeur et de détruire ce message reçu par erreur.",
    "Este mensaje es confidencial y va dirigido a su destinatario. Si lo ha recibido por error, elimine el mensaje y avise"
    " al remitente.",
    "Questo messaggio è riservato al destinatario. Se lo avete ricevuto per errore, avvisate il mittente e cancellatelo.",
    "Dit bericht is vertrouwelijk en bestemd voor de geadresseerde. Heeft u dit bericht ten onrechte ontvangen, verwijder"
    " het dan.",
    "Это сообщение конфиденциально и предназначено только адресату. Если вы получили его по ошибке, удалите его и сообщите"
    " отправителю.",
    "Acest mesaj este confidențial și adresat numai destinatarului. Dacă l-ați primit din greșeală, ștergeți mesajul.",
)
TEMPLATES = (
    "If the problem comes back, reply to this message within five days and the ticket is opened again.",
    "If this issue persists, please reply to this email and your ticket will be reopened.",
    "How did we do? Please rate our service: https://example.com/rate/123",
    "Please take a minute to fill in our survey about the support you received.",
    "This is an automated message, please do not reply to this email.",
    "Your request (#12345) has been received and is being reviewed by our support staff.",
    "Ако проблемът се появи отново, отговорете на това съобщение в срок от пет дни и заявката ще бъде отворена отново.",
    "Моля, оценете нашето обслужване на https://example.com/ocenka",
    "Това е автоматично съобщение, моля, не отговаряйте на него.",
    "Wenn das Problem erneut auftritt, antworten Sie bitte innerhalb von fünf Tagen, dann wird das Ticket wieder geöffnet.",
    "Bitte antworten Sie nicht auf diese automatisch erstellte E-Mail.",
    "Ceci est un message automatique, merci de ne pas répondre à ce message.",
    "Este es un mensaje automático, por favor no responda a este correo.",
    "Questo è un messaggio automatico, si prega di non rispondere a questa e-mail.",
    "Dit is een automatisch bericht, niet beantwoorden.",
    "Это автоматическое сообщение, пожалуйста, не отвечайте на это письмо.",
)


@pytest.mark.parametrize("added", [*BANNERS, *DISCLAIMERS, *TEMPLATES])
def test_what_mail_and_ticket_systems_add_is_left_out(added: str) -> None:
    texts = [f"{added}\n\n{ISSUE}", f"{ISSUE}\n\n{added}", f"<p>{ISSUE}</p><div>{added}</div>"]
    for text in [*texts, f"{added} {ISSUE}"] if added.endswith(".") else texts:
        assert read(plain_text(text)).message.strip() == ISSUE, text


@pytest.mark.parametrize("added", [*BANNERS, *DISCLAIMERS, *TEMPLATES])
def test_a_text_of_nothing_but_additions_says_nothing(added: str) -> None:
    assert says_nothing(read(f"See above.\n\n{added}").message)


KEPT = (
    "The external monitor shows a warning about the cable.",
    "Report Message add-in is missing from Outlook, users cannot report phishing.",
    "The confidentiality label is not applied to the attachments of the mail.",
    "The sensitivity label Confidential cannot be removed from the document.",
    "I get the same warning message when I copy the folder to an external drive.",
    "Automatic replies are not sent to external senders.",
    "If the problem persists after step 3, reset the dock and update its firmware.",
    "Ticket printer at gate 4 prints every ticket twice.",
    "Външният монитор показва предупреждение за кабела.",
    "Автоматичните отговори не се изпращат до външни податели.",
    "Anketa: the survey tool of HR does not open, error 500.",
    "Не мога да отворя прикачени файлове в Outlook.",
    "Die externe Festplatte wird nicht erkannt.",
    "Links in e-mails do not open in the browser.",
)


@pytest.mark.parametrize("text", KEPT)
def test_what_only_sounds_like_an_addition_stays(text: str) -> None:
    assert read(text).message == text


SIGNATURES = (
    "--\nIvan Petrov\nAccounting\nTel: +359 2 123 4567",
    "Best regards,\nMaria Keller\nSenior Accountant | Example Ltd\nwww.example.com",
    "Kind regards\nMaria",
    "Поздрави,\nИван Петров\nГлавен счетоводител\nтел. 02 123 45 67",
    "С уважение,\nЕлена",
    "Mit freundlichen Grüßen\nHans Meier\nVertrieb",
    "Cordialement,\nJean Dupont\nService achats",
    "Saludos cordiales,\nAna",
    "Cordiali saluti,\nLuca Rossi",
    "Met vriendelijke groet,\nJan de Vries",
    "С уважением,\nОльга",
    "Sent from my iPhone",
    "Get Outlook for iOS",
    "Изпратено от моя iPhone",
    "Thanks in advance,\nPeter\nRoom 4.12\nExt. 1234",
    "+359 888 123 456\nmaria@example.com",
)


@pytest.mark.parametrize("signature", SIGNATURES)
def test_signatures_are_left_out(signature: str) -> None:
    assert read(f"{ISSUE}\n\n{signature}").message == ISSUE


def test_a_list_or_a_question_below_thanks_stays() -> None:
    text = "Thank you\n\nThe till shows a white screen after the update. It happens on both tills. Restarting does not help."
    assert read(text).message == text


FRAMES = {
    "java": "java.sql.SQLException\n" + "\tat org.apache.catalina.core.Valve.invoke(Valve.java:12)\n" * 60
    + "Caused by: ORA-12514: TNS:listener does not know of the service\n\t... 12 more",
    "python": "Traceback (most recent call last):\n"
    + '  File "/srv/app/views.py", line 12, in show\n    return render(page)\n' * 20
    + "psycopg2.OperationalError: ORA-12514 refused",
    "dotnet": "System.Exception: ORA-12514\n" + "   at App.Data.Query.Run(String sql) in C:\\src\\Query.cs:line 12\n" * 30,
    "javascript": "TypeError: ORA-12514 is not a function\n" + "    at Object.run (/srv/app/node_modules/x/index.js:1:2)\n" * 30,
    "php": "PHP Fatal error: ORA-12514\n" + "#0 /var/www/app/index.php(123): App->run()\n#1 {main}\n" * 20,
    "ruby": "NoMethodError ORA-12514\n" + "\tfrom /usr/lib/ruby/app.rb:12:in `run'\n" * 20,
    "go": "panic: ORA-12514\n\ngoroutine 1 [running]:\n" + "main.run(0xc000012345)\n\t/srv/main.go:12 +0x1d\n" * 20,
    "native": "Faulting module ORA-12514\n" + "#1 0x00007f12 in run () from /lib/libc.so\n" * 20,
    "log": "2026-03-03 09:12:01 INFO Starting\n2026-03-03 09:12:02 INFO Loaded module 7\n" * 30
    + "2026-03-03 09:12:03 ERROR ORA-12514: TNS:listener refused\n2026-03-03 09:12:04 INFO Stopping\n",
    "syslog": "Mar  3 09:12:01 host app[12]: session opened\n" * 40 + "Mar  3 09:12:09 host app[12]: error ORA-12514\n",
    "log levels": "[2026-03-03 09:12:01.123] [DEBUG] tick\n" * 40 + "[2026-03-03 09:12:09.001] [FATAL] ORA-12514\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", FRAMES)
def test_of_a_trace_or_log_the_telling_lines_are_left(kind: str) -> None:
    found = read(f"The app does not start.\n{FRAMES[kind]}")
    assert "ORA-12514" in found.message
    assert "The app does not start." in found.message
    assert len(found.message) < 300


FORMS = {
    "en": "Request type: Incident\nCategory: Hardware > Printer\nSubcategory: Password reset / Account / VPN / Outlook / Other\n"
    f"Impact: 3 - Single user\nUrgency: 3 - Low\nLocation: HQ, floor 4\nPhone: \nAsset: \nDescription: {ISSUE}",
    "en lines": f"Name: Maria\nDepartment: Sales\nPriority: Low\nProblem description:\n{ISSUE}",
    "markdown": f"**Category:** Printer\n**Urgency:** Low\n**Name:** Maria\n**Description:** {ISSUE}",
    "table": f"Category | Printer\nUrgency | Low\nName | Maria\nDescription | {ISSUE}",
    "html": f"<table><tr><td>Category</td><td>Printer</td></tr><tr><td>Urgency</td><td>Low</td></tr><tr><td>Name</td>"
    f"<td>Maria</td></tr><tr><td>Description</td><td>{ISSUE}</td></tr></table>",
    "boxes": f"Category: Printer\nName: Maria\nUrgency: Low\n[ ] Printer jam\n[ ] VPN\n[ ] Outlook\nDescription: {ISSUE}",
    "bg": f"Тип заявка: Инцидент\nКатегория: Принтери\nСпешност: Ниска\nТелефон: 123\nОписание: {ISSUE}",
    "de": f"Kategorie: Drucker\nDringlichkeit: Niedrig\nAbteilung: Vertrieb\nBeschreibung: {ISSUE}",
    "fr": f"Catégorie : Imprimante\nUrgence : Basse\nTéléphone : 12\nDescription : {ISSUE}",
    "es": f"Categoría: Impresora\nUrgencia: Baja\nTeléfono: 12\nDescripción: {ISSUE}",
    "it": f"Categoria: Stampante\nUrgenza: Bassa\nTelefono: 12\nDescrizione: {ISSUE}",
    "nl": f"Categorie: Printer\nUrgentie: Laag\nAfdeling: Verkoop\nOmschrijving: {ISSUE}",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_of_a_form_the_message_is_left(form: str) -> None:
    assert read(plain_text(FORMS[form])).message.strip() == ISSUE


def test_a_field_that_tells_something_keeps_its_label() -> None:
    text = "Category: Software\nName: Maria\nPriority: Low\nApplication: SAP GUI\nError code: 0x80070005\nDescription: It closes."
    assert read(text).message == "Application: SAP GUI\nError code: 0x80070005\nIt closes."


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("RE: Fwd: [EXTERNAL] VPN drops", "VPN drops"),
        ("AW: WG: Drucker druckt nicht", "Drucker druckt nicht"),
        ("[ВЪНШЕН] Отг: Принтерът спря", "Принтерът спря"),
        ("[Ticket#2026030310000012] No sound", "No sound"),
        ("[#4711] RE: No sound", "No sound"),
        ("EXTERNAL: No sound", "No sound"),
        ("Re[2]: No sound", "No sound"),
        ("TR : RE : Écran noir", "Écran noir"),
        ("Re: Fwd:", "Re: Fwd:"),
        ("[0x80070005] update fails", "[0x80070005] update fails"),
        ("Ref: error in the ledger", "Ref: error in the ledger"),
    ],
)
def test_reply_marks_are_no_words_of_a_subject(subject: str, said: str) -> None:
    assert read_subject(subject) == said


PLAIN = (
    "Set the value to a < b and restart.",
    "Mail <EMAIL> or call <PHONE>.",
    "List<String> names = new ArrayList<>();",
    "<configuration>\n  <add key='timeout' value='30'/>\n</configuration>",
    "Removed the <script> tag from the template.",
    "1. Open *Settings*\n   - choose **Wi-Fi**\n2. Restart\n\n> quoted once",
    "```xml\n<p>kept</p>\n```\nThen restart.",
    "x && y &lt; z in the rule",
    "Type `<b>` and Enter.",
    "C:\\temp\\<user>\\file & more",
    "AT&T router, R&D share",
    "Get-Mailbox | where {$_.Size -gt 5} > out.txt",
)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_that_only_looks_like_markup_stays(text: str) -> None:
    assert plain_text(text) == text


HTML = {
    "<p>Ran the <strong>media calibration</strong>.&nbsp;Done.</p>": "Ran the media calibration. Done.",
    "Label &#039;blank&#039; &quot;x&quot;": "Label 'blank' \"x\"",
    "&lt;p&gt;Hello &amp;amp; bye&lt;/p&gt;": "Hello & bye",
    "<ol><li>One</li><li>Two</li></ol>": "1. One\n2. Two",
    "<ul><li>One</li><li>Two</li></ul>": "- One\n- Two",
    "First line<br>second line": "First line\nsecond line",
    "<div style='display:none'>hidden</div><p>seen</p>": "seen",
    "<style>p{color:red}</style><script>alert(1)</script><p>seen</p>": "seen",
    "<table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>": "A | B | C\n1 | 2 | 3",
    "<p>See <a href='https://example.com/kb/1'>the guide</a>.</p>": "See the guide (https://example.com/kb/1).",
    "<!--[if gte mso 9]><xml><o:x/></xml><![endif]--><p class=MsoNormal>Text<o:p></o:p></p>": "Text",
    "<pre>net use Z: /delete\nnet use</pre>": "```\nnet use Z: /delete\nnet use\n```",
    "<h2>Fix</h2><p>Do it</p>": "### Fix\n\nDo it",
    "<tr><td>Server</td><td>A</td></tr>": "Server | A",
}


@pytest.mark.parametrize("source", HTML)
def test_html_becomes_text(source: str) -> None:
    assert plain_text(source) == HTML[source]


PICTURES = (
    'text\n<img src="data:image/png;base64,{data}">',
    "text\n![shot](data:image/png;base64,{data})",
    "text\ndata:image/jpeg;base64,{data}",
    "text\n[cid:image001.png@01D9ABCD.12345678]",
    "text\n<img src='cid:image001.png@01D9' alt='image001.png'>",
    "text\n[image: screenshot.png]",
    "text\n<image001.png>",
    "text\n{data}",
    "<p>text</p><img width=1 height=1 src='data:image/gif;base64,{data}'>",
    "text\n![](cid:ii_abc123)",
    "text\n{lines}",
)


@pytest.mark.parametrize("form", PICTURES)
def test_inline_pictures_are_left_out(form: str) -> None:
    data = "hxdsjYBmN0aDjGrWJ/8Nasmn8S43c+yyZW0B7uwot0V5" * 40
    lines = "\n".join(data[at : at + 76] for at in range(0, len(data), 76))
    assert plain_text(form.format(data=data, lines=lines)).strip() == "text"


@pytest.mark.parametrize("hidden", "\u200b\u200c\u200d\u00ad\u2060\ufeff\u200e\u200f\u202a\u202c\u2066\u2069")
def test_invisible_characters_are_taken_out_of_codes(hidden: str) -> None:
    assert plain_line(f"Q{hidden}X-47{hidden}13") == "QX-4713"


def test_a_no_break_space_is_a_space_and_an_emoji_stays_whole() -> None:
    assert plain_text("error\u00a0809 👩\u200d💻") == "error 809 👩\u200d💻"


@given(st.text(alphabet=st.sampled_from(list("<>/&;pbdivr \n=\"'`~a1!-#xl>:")), max_size=60))
def test_reading_twice_is_reading_once(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    found = read(plain_text(text))
    assert isinstance(found.message, str)


@pytest.mark.parametrize(
    "piece",
    ["<", ">", "&", "<div>", "<b ", "<!--", "`", "```", "From: a\n", "> a\n", "On a\n", "Thanks,\n", "a. ", "at a.b(",
     "[cid:", "data:image/png;base64,", "a: b\n", "2026-01-01 ", "\u200d", "<td>", "<ul><li>", "&lt;p&gt;", "<script>", "_",
     "caution external ", "![a](", 'File "a', "wrote: ", "<a href=", "Re: ", "(1) ", "[ ] a\n"],
)  # fmt: skip
def test_time_grows_with_the_length_only(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    begun = time.perf_counter()
    read(plain_text(text))
    read_subject(plain_line(text))
    assert time.perf_counter() - begun < 10  # a quadratic pattern takes minutes
