"""The words for password, code and user name, and what joins them to a value, in the languages that tickets come in.

Bulgarian, English, German, French, Italian, Dutch, Spanish, Portuguese, Russian, Ukrainian, Romanian, Serbian,
Macedonian,
Greek, Turkish, Polish, Czech, with some of their neighbours. All in lower case.
"""

from __future__ import annotations

import re

from kbsearch.text.redaction.finds import words_of


def _words(*patterns: tuple[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((stem, re.compile(pattern)) for stem, pattern in patterns)


# A stem that must stand in the text, and the whole word. The short ones must begin a word, the long ones may end one:
# "dbPassword", "Standardkennwort".
PASSWORDS = _words(
    ("pass", r"(?:(?:pass?word|passwd|passphrase|passcode|passwrd|pasword)e?s?|(?<![^\W_])pass(?:es)?)(?![^\W\d_])"),
    ("pasword", r"paswords?(?![^\W\d_])"),
    ("p@ss", r"p@ss(?:word|wd)?s?(?![^\W\d_])"),
    ("pass-word", r"(?<![^\W_])pass-words?(?![^\W\d_])"),
    ("password-value", r"password-value(?![^\W\d_])"),
    ("p/w", r"(?<![^\W_])p/w(?![^\W_])"),
    ("p.w", r"(?<![\w.])p\.w\.?(?![^\W_])"),
    ("ww", r"(?<![^\W_])ww(?=\s{0,3}[:=])"),
    ("пар", r"(?<![^\W_])пар\.?(?=\s{0,3}[:=])"),
    ("passwort", r"passwort(?:e?s)?(?![^\W\d_])"),
    ("passwört", r"passwörter"),
    ("kennwort", r"kennwort(?:e?s)?(?![^\W\d_])"),
    ("wachtwoord", r"wachtwoord(?:en)?(?![^\W\d_])"),
    ("pwd", r"(?<![^\W_])(?:\w{1,16}_)?pwd(?![^\W\d_])"),
    ("pw", r"(?<![^\W_])(?:pw|psw|passw)(?![^\W_])"),
    ("psw", r"(?<![^\W_])psw(?![^\W_])"),
    ("passw", r"(?<![^\W_])passw(?![^\W_])"),
    ("парол", r"(?<![^\W_])парол[а-яіїєґ]{0,4}"),
    ("parol", r"(?<![^\W_])parol(?:a|ata|i|ite|ă|ei|ele|anız|anızı|ası|asi|ka|kata|y)?(?![^\W\d_])"),
    ("лозинк", r"(?<![^\W_])лозинк[а-я]{0,3}"),
    ("lozink", r"(?<![^\W_])lozink\w{0,3}"),
    ("zapork", r"(?<![^\W_])zapork\w{0,3}"),
    ("šifra", r"(?<![^\W_])šifra(?![^\W\d_])"),
    ("шифра", r"(?<![^\W_])шифра(?:та)?(?=\s{0,3}(?:[:=]|[ејi]{1,2}\s))"),
    ("contrase", r"contrase(?:ñ|n|nh)as?(?![^\W\d_])"),
    ("clave", r"(?<![^\W_])claves?(?: de acceso| temporal| nueva)?(?![^\W\d_])"),
    ("senha", r"(?<![^\W_])senhas?(?![^\W\d_])"),
    ("passe", r"(?<![^\W_])(?:mots? de |palavras?[- ])passe(?![^\W\d_])"),
    ("mdp", r"(?<![^\W_])mdp(?![^\W_])"),
    ("chiave", r"(?<![^\W_])parola chiave(?![^\W\d_])"),
    ("has", r"(?<![^\W_])has(?:ł|l)(?:o|a|em)(?![^\W\d_])"),
    ("hesl", r"(?<![^\W_])hesl(?:o|a|em|u)(?![^\W\d_])"),
    ("ifre", r"(?<![^\W_])[şs]ifre(?:niz|si|n|m|miz|ler|yi|nizi)?(?![^\W\d_])"),
    ("κωδικ", r"(?<![^\W_])κωδικ(?:ός|ος|ό|ο|ού|οί)(?: πρόσβασης| χρήστη)?(?![^\W\d_])"),
    ("συνθηματικ", r"(?<![^\W_])συνθηματικ(?:ό|ο|ού)(?![^\W\d_])"),
    ("jelsz", r"(?<![^\W_])jelsz(?:ó|o|ava|avam)(?![^\W\d_])"),
    ("lösen", r"lösenord(?:et)?(?![^\W\d_])"),
    ("adgangskod", r"adgangskoden?(?![^\W\d_])"),
    ("passord", r"passord(?:et)?(?![^\W\d_])"),
    ("salasana", r"(?<![^\W_])salasana(?![^\W\d_])"),
    ("fjal", r"(?<![^\W_])fjal[ëe]kalimi?(?![^\W\d_])"),
    ("cred", r"(?<![^\W_])(?:credentials?|creds?)(?![^\W\d_])"),
    ("тайна дума", r"(?<![^\W_])тайна дума"),
)
KEYS = _words(
    ("secret", r"(?<![^\W_])(?:client[ _-]?|shared[ _-]?|app[ _-]?)?secrets?(?:[ _-]?key)?(?![^\W\d_])"),
    ("clientsecret", r"clientsecret(?![^\W\d_])"),
    ("token", r"(?:auth|access|refresh|session|bot|api|id)token(?![^\W\d_])"),
    ("preshare", r"(?<![^\W_])pre-?shared?(?![^\W\d_])(?![ _-]?key)"),
    ("psksecret", r"(?<![^\W_])psksecret(?![^\W\d_])"),
    ("keymaterial", r"(?<![^\W_])keymaterial(?![^\W\d_])"),
    # What "netsh wlan show profile key=clear" shows.
    ("key content", r"(?<![^\W_])key content(?![^\W\d_])"),
    ("contenu de la cl", r"(?<![^\W_])contenu de la clé(?![^\W\d_])"),
    ("contenuto ", r"(?<![^\W_])contenuto (?:della )?chiave(?![^\W\d_])"),
    ("contenido de la clave", r"(?<![^\W_])contenido de la clave(?![^\W\d_])"),
    ("conteúdo da chave", r"(?<![^\W_])conteúdo da chave(?![^\W\d_])"),
    ("schlüsselinhalt", r"(?<![^\W_])schlüsselinhalt(?![^\W\d_])"),
    ("sleutelinhoud", r"(?<![^\W_])sleutelinhoud(?![^\W\d_])"),
    ("ключа", r"(?<![^\W_])(?:съдържание на|содержимое) ключа(?![^\W\d_])"),
    ("klucza", r"(?<![^\W_])zawartość klucza(?![^\W\d_])"),
    ("community", r"(?<![^\W_])community[ -]strings?(?![^\W\d_])"),
    ("fi", r"(?<![^\W_])(?:code|codice|código|cod|код)(?: за| du| del| de la)? wi-?fi(?![^\W\d_])"),
    ("geheim", r"(?<![^\W_])(?:client-?)?geheimnis(?![^\W\d_])"),
    ("token", r"(?<![^\W])(?:[a-z]{1,20}[ _-])?tokens?(?![^\W\d_])"),
    ("токен", r"(?<![^\W_])токен(?:ът|а)?(?![^\W\d_])"),
    ("psk", r"(?<![^\W_])psk(?![^\W\d_])"),
    (
        "key",
        r"(?<![^\W])(?:api|апи|access|account|auth|storage|private|encryption|wpa\d?|wi-?fi|wlan|network|recovery|"
        r"bitlocker|"
        r"pre-?shared|security)[ _-]?key(?:[ _-]id)?(?![^\W\d_])",
    ),
    ("_key", r"(?<![^\W_])\w{1,40}_key(?=[\"']?\s{0,3}[:=])"),
    ("_token", r"(?<![^\W_])\w{1,40}_token(?=[\"']?\s{0,3}[:=])"),
    ("_secret", r"(?<![^\W_])\w{1,40}_secret(?=[\"']?\s{0,3}[:=])"),
    ("apikey", r"apikey(?![^\W\d_])"),
    (
        "ключ",
        r"(?<![^\W_])(?:(?:api|апи|access|wpa\d?|wi-?fi|wlan|bitlocker|recovery)[ _-]ключ(?:ът|а)?|"
        r"ключ(?:ът|а)? (?:за|от|к|на) (?:wi-?fi|мрежата|възстановяване|безжичната мрежа|api|апи|wlan|сети))",
    ),
    ("schlüssel", r"(?<![^\W_])(?:api|wlan|wi-?fi|netzwerk|sicherheits|wpa2?|zugangs|wiederherstellungs)-?schlüssel"),
    ("clé", r"(?<![^\W_])clé (?:wi-?fi|wpa2?|api|de sécurité|du wifi|d'api|réseau)"),
    ("clave", r"(?<![^\W_])clave (?:wi-?fi|del wi-?fi|wpa2?|api|de red)"),
    ("chiave", r"(?<![^\W_])chiave (?:wi-?fi|wpa2?|api|di rete|di accesso)"),
    ("sleutel", r"(?<![^\W_])(?:api|wifi|netwerk|toegangs)-?sleutel"),
)
_TEXT = r"(?<![^\W_])(?:%s)(?![^\W\d_])"
PINS = _words(
    (
        "pin",
        _TEXT % r"pin-?(?:ът|а)|(?:code |código |codice |kod |cod |sim[ -])?"
        r"pin(?:[ -]?(?:codes?|kod|kodu|kód|код(?:ът|а)?))?(?:ul)?",
    ),
    ("puk", _TEXT % r"(?:code |kod )?puk(?:[ -]?code)?"),
    ("пин", _TEXT % r"пин(?:[ -]?код(?:ът|а)?)?"),
    ("пук", _TEXT % r"пук(?:[ -]?код(?:ът|а)?)?"),
    ("geheimzahl", _TEXT % "geheimzahl"),
)
CODES = _words(
    (
        "code",
        _TEXT
        % r"(?:verification|one-time|security|sms|otp|2fa|mfa|authenticator|confirmation|login|access|door|gate|entry|"
        r"alarm|safe|lock|unlock|voicemail|activation|auth|authentication|recovery|backup|key|pairing|"
        r"sicherheits|bestätigungs|zugangs|verifizierungs|tür|toegangs|verificatie|beveiligings)[ -]?codes?",
    ),
    (
        "code ",
        _TEXT % r"codes? (?:d'accès|de vérification|de sécurité|sms|de confirmation|de la porte|d'entrée|di accesso)",
    ),
    ("codice", _TEXT % r"codice (?:di (?:accesso|verifica|sicurezza|conferma)|sms|otp)"),
    ("codigo", _TEXT % r"codigo de (?:acceso|verificacion|seguridad)"),
    (
        "código",
        _TEXT % r"código (?:de (?:acceso|verificación|seguridad|confirmación|verificação|segurança|acesso)|sms)",
    ),
    ("cod ", _TEXT % r"cod(?:ul)? de (?:acces|verificare|securitate|confirmare)"),
    (
        "kod",
        _TEXT % r"(?:kod (?:dostępu|weryfikacyjny|sms|za pristup|potvrde)|doğrulama kodu|güvenlik kodu|kod za vhod)",
    ),
    ("kód", _TEXT % r"(?:přístupový|ověřovací|bezpečnostní|sms) kód"),
    ("κωδικ", _TEXT % r"κωδικός (?:επαλήθευσης|ασφαλείας|επιβεβαίωσης)"),
    (
        "код",
        _TEXT
        % r"(?:(?:sms|смс|еднократен|контролен|таен|секретен)[ -])?код(?:ът|а|у|ом)?(?: (?:му|ѝ|й|им|ми|ти|ни|ви))? "
        r"(?:за|на|от) (?:потвърждение|достъп|вход|сигурност|вратата|алармата|сейфа|входа|портала|бравата|гаража|"
        r"удостоверяване)|"
        r"(?:sms|смс|еднократен|таен|секретен)[ -]код(?:ът|а)?|"
        r"(?:код (?:доступа|подтверждения|безопасности|из смс)|код (?:доступу|підтвердження)|код за пристап)",
    ),
    ("otp", _TEXT % "t?otp"),
    ("passcode", _TEXT % "passcode"),
    ("парол", _TEXT % r"еднократ\w{0,4} парола"),
    ("one-time", _TEXT % r"one-time (?:password|pass ?code|pin)"),
    ("one time", _TEXT % r"one time (?:password|pass ?code|pin)"),
    ("einmal", _TEXT % r"einmal-?(?:kennwort|passwort|code|pin)"),
    ("tan", _TEXT % r"(?:sms-?|m)?tan"),
)

IS = words_of(
    """is are was were equals reads remains became becomes now currently be been е беше са стана става бе вече сега
    била бил остава это был была стал теперь сейчас тепер зараз стала ist lautet war heißt jetzt nun wurde est
    était sera désormais maintenant è era sarà ora adesso nu wordt werd luidt es era será ahora é agora foi será
    este acum era devine je sada sad bude је сада сад сега είναι ήταν τώρα πλέον to jest teraz brzmi było nyní teď
    byla bylo olarak şu"""
)
"""Words right before a value that say what it is."""

TO = words_of(
    """to as at with на с към като в auf zu zum mit als in en à par sur pour comme con a per come naar op met como
    para por pra com cu la în pe na u sa kao z ze jako του σε με на за у як"""
)
"""Words right before a value that say what something becomes, if a change is spoken of."""

CHANGES = re.compile(
    r"chang|(?:^|[^a-z])set(?:$|[^a-z])|reset|re-set|switch|rotat|replac|assign|gave|given|updated|смен|промен|"
    r"нулир|зада|"
    r"постав|сложи|измен|установ|назнач|встановл|змін|geändert|gesetzt|zurückg|gewechselt|vergeben|remplac|réinit|"
    r"défini|"
    r"modifié|cambiat|impostat|reimpost|gewijzigd|ingesteld|veranderd|gereset|aangepast|cambi|restablec|estableci|"
    r"alterad|"
    r"redefinid|mudad|schimbat|resetat|setat|промењ|промен|промэн|promenj|promijenj|postavlj|resetov|άλλαξε|"
    r"ορίστηκε|αλλάχ|"
    r"değiştir|zmieni|ustawi|zreset|změn|nastav"
)
"""Tells that something is being changed."""

ONWARD = words_of("to auf на and or и или und oder et ou e o y i a lub ve sau και або та и")
"""Words between one value and the next."""

USER_FIELDS = (
    r"user ?names?|user ?ids?|uid|logon name|login name|sam ?account ?name|user ?principal ?name|"
    r"потребителско(?:то)?(?: (?:му|ѝ|й|ми|ви))? име|потр\. ?име|име на (?:потребителя?|акаунта?)"
)
USERS = (
    r"user|login|logon|(?:sign|log)(?:ged|ed|ing|ging)? ?(?:in|on) as|"
    r"(?P<account>account|акаунт(?:ът|а)?)|потребител(?:ят|я)?|логин(?:ът|а)?|юзър(?:ът|а)?|"
    r"вля\w{2,8} като|вли\w{2,6} като"
)
USER_FIELDS_ABROAD = (
    r"benutzer(?:name|kennung|konto)|anmeldename|nutzername|kontoname|anwendername|loginname|"
    r"nom d['’]utilisateur|nom du compte|nom de compte|identifiant|nome utente|nome account|nome dell['’]account|"
    r"gebruikersnaam|accountnaam|inlognaam|"
    r"nombre de usuario|nombre de cuenta|nome d[eo] (?:usuário|utilizador)|nome da conta|"
    r"имя (?:пользователя|учетной записи|учётной записи)|ім['’]я користувача|"
    r"nume(?:le)? de utilizator|nume cont|korisni[čc]ko ime|корисничко име|όνομα χρήστη|kullan[ıi]c[ıi] ad[ıi]|"
    r"hesap ad[ıi]|"
    r"nazwa (?:użytkownika|konta)|uživatelské jméno|název účtu|felhasználónév"
)
USERS_ABROAD = (
    r"(?P<account>konto|compte|cuenta|учетка|учётка)|benutzer|kennung|utilisateur|utente|gebruiker|usuario|usuário|"
    r"utilizador|пользователь|пользователя|користувач|utilizator|korisnik|корисник|χρήστης|kullanıcı|użytkownik|"
    r"uživatel"
)
