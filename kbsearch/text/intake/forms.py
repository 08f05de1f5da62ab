"""Forms: lines of labels and values. What was filled in tells; how a request is filed does not."""

from __future__ import annotations

import re

_FIELD = re.compile(r"^[ \t>*•-]{0,6}([^\W\d_][^:|\n]{0,48}?)[ \t*_]{0,4}(?::|\s\|)[*_ \t]{0,4}(.*)$")
_FEWEST_FIELDS = 3
_LONGEST_LABEL = 6  # words
_OPTIONS = re.compile(r"\s+/\s+|\s*\|\s*|\s*;\s*")
_MANY_OPTIONS = 4
_UNCHECKED = re.compile(r"^\s*(?:\[ ?\]|☐|□|\( ?\)|○)\s*\S")
_CHECKED = re.compile(r"^\s*(?:\[[xX✓✔]\]|☒|☑|✅|\([xX•]\)|◉)\s*(.*)$")
_BLANK = re.compile(
    r"^[\s_.\-–—/*?]*$|^(?:n/?a|none|null|nil|няма|не|keine?|aucune?|ninguno|nessuno|geen|нет|-)\.?$", re.IGNORECASE
)

# What a request is filed under and who sent it.
_FILING = frozenset(
    """
    request type|type|ticket type|type of request|category|categories|subcategory|sub-category|sub category|impact
    urgency
    priority|severity|location|site|building|floor|room|office|phone|phone number|telephone|tel|mobile|extension
    ext|contact
    preferred contact|contact method|preferred contact method|best time to call|availability|asset|asset tag
    asset number
    inventory number|serial number|serial|name|full name|first name|last name|requester|requested by|requested for
    reporter
    reported by|submitted by|opened by|caller|user|username|user name|user id|employee|employee id|employee number
    email
    e-mail|email address|e-mail address|mail|department|dept|team|company|organisation|organization|business unit
    cost center
    cost centre|manager|approver|approved by|date|time|date reported|reported on|created|created on|created at|opened
    contact type|business impact|business justification|requested on behalf of|affected user|user location|desk
    inventory|operating hours|assigned group|service catalog|business service|configuration item|ci
    ticket|ticket id|ticket number|ticket no|request id|request number|reference|ref|case|case number|case id|incident
    incident number|number|status|state|queue|group|assignment group|assigned to|assignee|owner|channel|source|sla
    due date
    vip|country|city|region|language|attachments|attachment|contact person|contact number|your name|service level
    origin
    тип|тип заявка|вид заявка|вид на заявката|категория|подкатегория|въздействие|спешност|приоритет|важност|локация
    място
    местоположение|сграда|етаж|стая|офис|кабинет|телефон|тел|мобилен|вътрешен|контакт|предпочитан контакт
    инвентарен номер
    сериен номер|име|имена|заявител|подал|подадено от|потребител|потребителско име|служител|имейл|поща|email адрес
    отдел
    дирекция|фирма|компания|ръководител|дата|час|номер|номер на заявка|заявка|статус|състояние|група|отговорник
    източник
    канал|град|прикачени файлове|език
    anfragetyp|kategorie|unterkategorie|auswirkung|dringlichkeit|priorität|standort|gebäude|etage|raum|telefon|handy
    kontakt|anlage|inventarnummer|vorname|nachname|melder|gemeldet von|benutzer|benutzername|abteilung|firma
    datum|uhrzeit|ticketnummer|status|zuständig|kostenstelle
    type de demande|catégorie|sous-catégorie|urgence|priorité|lieu|bâtiment|étage|bureau|téléphone|nom|prénom
    demandeur
    utilisateur|service|société|date|heure|statut|numéro
    tipo|tipo de solicitud|categoría|subcategoría|impacto|urgencia|prioridad|ubicación|edificio|planta|teléfono|nombre
    apellidos|solicitante|usuario|departamento|empresa|fecha|hora|estado|número
    tipo richiesta|categoria|sottocategoria|impatto|urgenza|priorità|sede|edificio|piano|telefono|nome|cognome
    richiedente
    utente|reparto|azienda|data|ora|stato|numero
    soort aanvraag|categorie|subcategorie|impact|urgentie|prioriteit|locatie|gebouw|verdieping|telefoon|naam|voornaam
    achternaam|aanvrager|gebruiker|afdeling|bedrijf|datum|tijd|status|nummer
    тип запроса|категория|подкатегория|влияние|срочность|приоритет|местоположение|здание|этаж|кабинет|телефон|имя
    фамилия
    фио|заявитель|пользователь|отдел|компания|дата|время|номер|статус
    tip cerere|categorie|subcategorie|impact|urgență|prioritate|locație|clădire|etaj|telefon|nume|prenume|solicitant
    utilizator|departament|companie|dată|oră|stare|număr
    """.replace("\n", "|").split("|")
)  # fmt: skip
_LABELS = frozenset(" ".join(label.split()) for label in _FILING) - {""}

# Labels that only say that the message follows.
_MESSAGE = frozenset(
    " ".join(label.split())
    for label in """
    description|details|detail|problem|problem description|issue|issue description|summary|short description
    message|subject
    comment|comments|what happened|what went wrong|what is wrong|how can we help|what do you need|reason
    what is the problem|describe your problem|describe the problem|describe the issue
    please describe your problem|please describe the issue|your message|question|request|notes|additional information
    описание|описание на проблема|проблем|детайли|съобщение|коментар|коментари|относно|тема|какво се случи|въпрос
    бележки
    опишете проблема|кратко описание|допълнителна информация
    beschreibung|problembeschreibung|details|nachricht|betreff|kommentar|frage|zusammenfassung|kurzbeschreibung
    description du problème|problème|détails|message|objet|commentaire|question|résumé
    descripción|descripción del problema|problema|detalles|mensaje|asunto|comentario|resumen
    descrizione|descrizione del problema|dettagli|messaggio|oggetto|commento
    omschrijving|probleem|probleemomschrijving|details|bericht|onderwerp|opmerking|samenvatting
    описание проблемы|проблема|подробности|сообщение|комментарий|вопрос|тема
    descriere|descrierea problemei|problemă|detalii|mesaj|subiect|comentariu
    """.replace("\n", "|").split("|")
) - {""}  # fmt: skip


def filled_in(text: str) -> str:
    """A form's values that tell something; a text that is no form stays as it is."""
    if ":" not in text and "|" not in text and "[" not in text and "☐" not in text and "☒" not in text:
        return text
    lines = text.split("\n")
    fields = [_field(line) for line in lines]
    boxes = sum(1 for line in lines if _UNCHECKED.match(line) or _CHECKED.match(line))
    filed = sum(1 for field in fields if field is not None and field[0] in _LABELS)
    known = sum(1 for field in fields if field is not None and (field[0] in _LABELS or field[0] in _MESSAGE))
    if (known < _FEWEST_FIELDS or not filed) and boxes < _FEWEST_FIELDS:
        return text
    kept: list[str] = []
    for line, field in zip(lines, fields, strict=True):
        if _UNCHECKED.match(line):
            continue
        if checked := _CHECKED.match(line):
            kept.append(checked.group(1))
        elif field is None:
            kept.append(line)
        elif said := _said(line, *field):
            kept.append(said)
    left = "\n".join(kept).strip()
    return left or text


def _field(line: str) -> tuple[str, str] | None:
    """(label in lower case, value) of a line of a form."""
    matched = _FIELD.match(line)
    if matched is None or matched.group(2).startswith(("//", "\\")):
        return None
    label = " ".join(matched.group(1).casefold().split()).strip("*_ ?")
    return (label, matched.group(2).strip()) if len(label.split()) <= _LONGEST_LABEL else None


def _said(line: str, label: str, value: str) -> str:
    if label in _MESSAGE:
        return value
    if label in _LABELS or _BLANK.match(value):
        return ""
    return "" if len(_OPTIONS.split(value)) >= _MANY_OPTIONS and "," not in value else line
