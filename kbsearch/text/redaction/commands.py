"""Passwords where a command, a connection string or a URL has one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.redaction.finds import Find, Kind, Reading, Said, words_of
from kbsearch.text.redaction.values import is_no_secret, is_stated_secret

# Groups named v… hold a password, whatever it is; those named w… hold one unless they are a word of prose.
_Q = r"(?:\"(?P<{0}1>[^\"\n]{{1,128}})\"|'(?P<{0}2>[^'\n]{{1,128}})'|(?P<{0}3>[^\s\"'<>|;)]{{1,128}}))"
_ARG = r"(?![-–]|\$[\w({{]|%\w+%|<|\{{\{{)" + _Q


def _argument(name: str) -> str:
    return _ARG.format(name)


_GAP = r"(?:[^\S\n][^\n|;&]{0,160}?)?[^\S\n]"

_URLS = Said("://")
_URL = re.compile(r"://[^\s:/@?#<>\"']{0,128}:(?P<v>[^\s/@<>\"']{1,256})@")

_HEADERS_SAID = Said(
    "authorization bearer key= signature= sig= x-api-key x-auth cookie sess sid= _token= id_token saml code= fedauth "
    "rtfa estsauth csrf xsrf"
)
_HEADERS = re.compile(
    r"""(?x)
      \bAuthorization["']?\s{0,3}[:=]\s{0,20}["']?(?:Basic|Bearer|Token|ApiKey|Digest)\s{1,20}(?P<v1>[\w+/=.~-]{8,2048})
    | \bBearer\s{1,20}(?P<v2>(?=[\w.~+/-]{0,64}\d)[\w.~+/-]{16,2048}=*)
    | \b[Xx]-(?:[Aa]pi-[Kk]ey|[Aa]uth-[Tt]oken|API-KEY|AUTH-TOKEN)["']?\s{0,3}:\s{0,3}["']?(?P<v3>[\w+/=.~-]{6,512})
    | \b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?P<v4>[^\s;<]{16,512})
    | [?&]sig=(?P<v5>[\w%+/-]{16,256}=*)
    | (?i:\b(?:set-)?cookie["']?\s{0,3}:[^\S\n]{0,3}(?![a-z ]{0,40}$)(?P<v6>[^\s=;,"']{1,64}=[^\n"']{4,4096}))
    | (?i:(?<![a-z])(?:j?sess(?:ion)?_?id|phpsessid|asp\.net_sessionid|connect\.sid|sid|(?:x?csrf|xsrf)-?_?token|
      estsauth\w{0,20}|fedauth|rtfa|saml(?:response|request|art)|(?:access|refresh|id)_token)
      =(?P<v7>[\w%+/.~=:-]{12,8192}))
    | (?i:[?&](?:code|ticket|assertion)=(?P<v8>[\w%+/.~-]{24,2048}=*))
    """
)

# Programs that take the password behind -p; mysql and its kin only glued to it.
_GLUED_SAID = Said("mysql mariadb mariabackup xtrabackup 7z rar")
_GLUED = re.compile(
    rf"(?i)\b(?:mysql\w*|mariadb[\w-]*|mariabackup|xtrabackup|7za?){_GAP}-p(?!ort\b|rotocol\b)(?P<v>[^\s\"']{{2,128}})"
    rf"|\b(?:mysql\w*|mariadb[\w-]*|7za?){_GAP}-p(?:\"(?P<vq>[^\"\n]{{1,128}})\"|'(?P<vr>[^'\n]{{1,128}})')"
    r"|(?i:\brar\b[^\n]{0,80}?\s-h?p)(?P<vs>[^\s\"'-][^\s]{2,128})"
)
_SHORT_SAID = Said("·-p ·-w· ·-a· ·/p: ·/p· ·/rp ·-u ·-h· ·-c ·-b --user --proxy-user ·-x")
_SHORT = re.compile(
    rf"""(?ix)
      \b(?:sshpass|psexec\d*|paexec|winexe|xfreerdp|rdesktop|mongo\w*|(?:docker|podman|helm|nerdctl|oc|skopeo|buildah|
        az|cf|
        ibmcloud|aliyun|registry)[^\n|;]{{0,60}}?\blogin|schtasks|useradd|usermod|smbmap|crackmapexec|nxc|impacket-\w+|
        evil-winrm|nagios\w*|check_\w+|xmllint|isql|ftp|ncftp\w*|mosquitto_\w+|htpasswd|influx|clickhouse-client|
          vmware-cmd|
        ovftool|winrs|wevtutil|certutil|signtool|cqlsh|perccli|racadm|racreset|svn|hg|mstsc|tabcmd|tsm|wlst|dsquery|ldifde|csvde|exp|expdp|impdp){_GAP}
        (?:-p|/p|-pw|/rp)[^\S\n]{{0,3}}+[:=]{{0,2}}+[^\S\n]{{0,3}}+{_argument("va")}
    | \b(?:sqlcmd|bcp|osql|ipmitool|unzip|zip|zipcloak|lftp|dtexec){_GAP}(?-i:-P(?!ass))[^\S\n]{{0,3}}{_argument("vb")}
    | \b(?:ldap(?:search|modify|add|delete|whoami|passwd|compare)|dsconf){_GAP}(?-i:-w)[^\S\n]{{0,3}}{_argument("vc")}
    | \bredis-cli{_GAP}-a[^\S\n]{{1,3}}{_argument("vd")}
    | \b(?:plink|pscp|psftp|putty|kitty|winscp)(?:\.exe)?{_GAP}-pw[^\S\n]{{1,3}}{_argument("ve")}
    | \b(?:snmp(?:walk|get|set|bulkwalk|table|status|check)){_GAP}-(?:c|A|X)[^\S\n]{{0,3}}(?!public\b){_argument("vf")}
    | \bhtpasswd[^\S\n]+-\w*b\w*[^\S\n]+\S{{1,80}}[^\S\n]+\S{{1,80}}[^\S\n]+{_argument("vg")}
    | \b(?:xfreerdp|wfreerdp|rdesktop|mstsc|schtasks|setspn|psexec)\b[^\n]{{0,160}}?\s/(?:p|rp)[: ]{_argument("vh")}
    | \bcurl\b[^\n]{{0,160}}?\s(?:-u|--user|--proxy-user|-U)
      [^\S\n]{{0,3}}["']?[^\s:"'<]{{1,80}}:(?P<vi>[^\s"'<]{{1,128}})
    | \b(?:smbclient|rpcclient|net[^\S\n]rpc|mount\.cifs)\b[^\n]{{0,120}}?\s-U
      [^\S\n]{{0,3}}["']?[^\s%"']{{1,80}}%(?P<vj>[^\s"'<]{{1,128}})
    | \blftp\b[^\n]{{0,80}}?\s-u[^\S\n]+["']?[^\s,"']{{1,80}},(?P<vk>[^\s"']{{1,128}})
    """
)

# Options that name themselves, of whatever program.
_OPTIONS_SAID = Said("pass pwd secret token psk apikey -key --pw")
_SWITCHES = Said("·- ·/ (- `- '- \"-")
_OPTIONS = re.compile(
    rf"(?i)(?<![\w-])(?:--?[a-z][a-z_-]{{0,30}}(?<=[a-z_-])(?:password|passwd|passphrase|pass|pwd|secret|token|"
    rf"apikey|api-key|auth-key|"
    rf"access-key|secret-key|psk)|--?(?:password|passwd|passphrase|pass|pwd|pw|secret|token|psk|storepass|keypass|"
    rf"apikey))"
    rf"(?:[^\S\n]*[=:][^\S\n]*|[^\S\n]+){_argument('w')}"
    rf"|(?<![\w/:.])/(?:pass|password[do]?|pwd|pw)[:=]{_argument('x')}"
)

_NET = re.compile(
    r"""(?ix)
      \bnet[^\S\n]+use[^\S\n][^\n]{0,80}?/u(?:ser)?:[^\s<]{1,128}[^\S\n]{1,20}(?P<wa>[^\s/<*][^\s<]{1,127})
    | \bnet[^\S\n]+use[^\S\n]+(?:[a-z]:|
      \*)?[^\S\n]*\\\\[^\s]{1,128}[^\S\n]+(?P<vb>[^\s/<*][^\s<]{1,127})[^\S\n]+/u(?:ser)?:
    | \bnet[^\S\n]+user[^\S\n]+(?:"[^"\n]{1,64}"|[^\s<"]{1,128})[^\S\n]{1,20}(?:"(?P<vf>[^"\n]{4,128})"|
      (?P<wc>[^\s/<*][^\s<]{3,127}))
    | \bbitsadmin[^\S\n]+/setcredentials(?:[^\S\n]+\S{1,64}){4}[^\S\n]+(?P<we>[^\s<]{3,128})
    | /user:[^\s<]{1,128}[^\S\n]{1,20}(?P<wd>[^\s/<*][^\s<]{3,127})
    """
)

_NOTATIONS_SAID = Said("wifi: :*: :5432: :5433: send·")
# A network as a QR code has it, a line of .pgpass, what a script types.
_NOTATIONS = re.compile(
    r"""(?ix)
      \bwifi:(?:[^\n]{0,200}?;)?P:(?P<va>[^;\n]{1,128});
    | (?<![^\s])[\w.*-]{1,128}:(?:\d{4,5}|\*):[\w*-]{1,64}:[\w.*-]{1,64}:(?P<wb>[^\s:]{4,128})(?!\S)
    | \bsend(?:ln)?[^\S\n]+(?:--[^\S\n]+)?["'](?P<wc>[^"'\n\\]{4,128})\\[rn]
    """
)

_SCRIPT_WORDS = words_of(
    """asplaintext convertto securestring pscredential networkcredential chpasswd passwd sudo smbpasswd kinit openssl
    cryptsetup echo sqlplus expdp impdp rman sqlldr tnsping jdbc snmp enable username radius tacacs string pass
    passin passout identified passphrase obj password su vncpasswd gpg gpg2 ssh keygen mount isakmp priv sp"""
)
_SCRIPTS_SAID = Said(
    "asplaintext securestring credential( credential] chpasswd passwd |·sudo |·su· |·docker |·kinit |·gh· |·openssl "
    "|·cryptsetup sqlplus expdp impdp rman jdbc: -server·community username· enable· pass: tacacs radius key-string "
    "identified·by wpa_passphrase password=· <<< openssl· mount· -server·user ·priv· isakmp sp_"
)
_SCRIPTS = re.compile(
    rf"""(?ix)
      \bConvertTo-SecureString\b(?:[^\S\n]+-(?:AsPlainText|Force|String|as)\b){{0,3}}[^\S\n]*\(?{_argument("va")}
    | -AsPlainText[^\S\n]+(?!-)(?:-(?:Force|String)[^\S\n]+){{0,2}}{_argument("vb")}
    | (?:"(?P<vz>[^"\n]{{1,128}})"|'(?P<vza>[^'\n]{{1,128}})')[^\S\n]*\|[^\S\n]*ConvertTo-SecureString\b
    | (?:PSCredential|NetworkCredential)\]?(?:::new)?[^\S\n]*\(\s{{0,3}}["'][^"'\n]{{1,80}}["']\s{{0,3}},
      \s{{0,3}}["'](?P<vc>[^"'\n]{{1,128}})["']
    | \becho[^\S\n]+(?:-[ne]+[^\S\n]+)?["']?[^\s:"'|]{{1,64}}:(?P<vd>[^\s"'|]{{1,128}})["']?[^\S\n]*\|
      [^\S\n]*(?:sudo[^\S\n]+)?chpasswd
    | \becho[^\S\n]+(?:-[ne]+[^\S\n]+)?{_argument("ve")}[^\S\n]*\|[^\S\n]*(?:sudo[^\S\n]+-\w*S|
      (?:sudo[^\S\n]+)?passwd\b|smbpasswd|kinit|docker\b|gh\b|su\b|openssl|cryptsetup)
    | \b(?:sqlplus|expdp|impdp|exp|imp|rman|sqlldr|tnsping|
      jdbc:oracle:\w+:)[^\S\n]?(?:[^\n]{{0,40}}?[\s"'=:])??["']?[a-z][\w$#]{{0,30}}/(?P<vf>[^\s@/"']{{1,64}})@
    | \bsnmp-server[^\S\n]+community[^\S\n]+(?!public\b)(?P<vg>[^\s<]{{2,64}})
    | \b(?:enable|username[^\S\n]+\S{{1,64}}(?:[^\S\n]+privilege[^\S\n]+\d+)?)[^\S\n]+(?:secret|
      password)[^\S\n]+(?:\d[^\S\n]+)?(?P<wh>[^\s<]{{3,128}})
    | \b(?:radius|tacacs)[\w-]*[^\n]{{0,60}}?[^\S\n]key[^\S\n]+(?:\d[^\S\n]+)?(?P<wi>[^\s<]{{3,128}})
    | \bkey-string[^\S\n]+(?:\d[^\S\n]+)?(?P<vj>[^\s<]{{3,128}})
    | \b(?:pass|passin|passout)[^\S\n]+pass:(?P<vk>[^\s"']{{1,128}})
    | \bidentified[^\S\n]+by[^\S\n]+(?:password[^\S\n]+)?(?:"(?P<vl>[^"\n]{{1,128}})"|'(?P<vm>[^'\n]{{1,128}})'|
      (?P<wn>[^\s;"'<]{{3,128}}))
    | \bwpa_passphrase[^\S\n]+\S{{1,64}}[^\S\n]+(?P<vo>[^\s<|]{{8,63}})
    | \bpassword=[^\S\n]{{1,3}}(?P<wp>[^\s<"']{{3,128}})
    | \b(?:kinit|passwd|chpasswd|sudo|su|vncpasswd|smbpasswd|openssl|cryptsetup|gpg2?|ssh-keygen)\b[^\n|;]{{0,120}}?
      <<<[^\S\n]*{_argument("vq")}
    | \bopenssl[^\S\n][^\n|;]{{0,160}}?[^\S\n](?-i:-[kK])[^\S\n]+{_argument("vr")}
    | \bmount\b[^\n]{{0,160}}?\buser(?:name)?=[^\s,%]{{1,64}}%(?P<vs>[^\s,"']{{1,128}})
    | \bsnmp-server[^\S\n]+user\b[^\n]{{0,80}}?\bauth[^\S\n]+(?:md5|sha\d*)[^\S\n]+(?P<vt>\S{{4,128}})
    | \bpriv[^\S\n]+(?:3?des|aes)(?:[^\S\n]+(?:128|192|256))?[^\S\n]+(?P<wu>\S{{4,128}})
    | \bisakmp[^\S\n]+key[^\S\n]+(?:\d[^\S\n]+)?(?P<vu>[^\s<]{{2,128}})
    | \bsp_addlogin[^\S\n]+(?:@\w+[^\S\n]*=[^\S\n]*)?N?'[^'\n]{{1,128}}',[^\S\n]*(?:@\w+[^\S\n]*=[^\S\n]*)?
      N?'(?P<vv>[^'\n]{{1,128}})'
    | \bsp_password[^\S\n]+(?:N?'[^'\n]{{1,128}}'|NULL),[^\S\n]*N?'(?P<vw>[^'\n]{{1,128}})'
    | \bsp_password[^\S\n]+N?'(?P<vx>[^'\n]{{1,128}})'
    | \bsp_addlinkedsrvlogin\b[^\n]{{0,200}},[^\S\n]*(?:@\w+[^\S\n]*=[^\S\n]*)?N?'(?P<vy>[^'\n]{{1,128}})'
    """
)

_PATTERNS = (
    (_URLS, _URL),
    (_HEADERS_SAID, _HEADERS),
    (_GLUED_SAID, _GLUED),
    (_NOTATIONS_SAID, _NOTATIONS),
)
_PROGRAMS = words_of(
    """sshpass psexec psexec64 paexec winexe xfreerdp wfreerdp rdesktop mongo mongosh mongodump mongorestore
    mongoexport docker podman helm nerdctl oc skopeo buildah az cf ibmcloud aliyun registry schtasks useradd
    usermod smbmap crackmapexec nxc impacket evil nagios check isql ftp ncftp ncftpput ncftpget mosquitto influx
    clickhouse vmware ovftool perccli racadm svn hg winrs wevtutil mstsc tabcmd tsm exp expdp impdp sqlcmd bcp osql
    ipmitool unzip zip zipcloak lftp dtexec ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd ldapcompare
    dsconf redis plink pscp psftp putty kitty winscp snmpwalk snmpget snmpset snmpbulkwalk snmptable snmpstatus
    snmpcheck htpasswd curl smbclient rpcclient net mount certutil
    signtool cqlsh"""
)


def find_in_commands(reading: Reading) -> Iterator[Find]:
    text, lowered = reading.text, reading.lowered
    for said, pattern in _PATTERNS:
        if said(reading):
            yield from _of(pattern, text)
    if "net" in reading.words or "/user:" in lowered or "bitsadmin" in reading.words:
        yield from _of(_NET, text)
    if not _SCRIPT_WORDS.isdisjoint(reading.words) and _SCRIPTS_SAID(reading):
        yield from _of(_SCRIPTS, text)
    if _SWITCHES(reading) and _OPTIONS_SAID(reading):
        yield from _of(_OPTIONS, text)
    if not _PROGRAMS.isdisjoint(reading.words) and _SHORT_SAID(reading):
        yield from _of(_SHORT, text)


def _of(pattern: re.Pattern[str], text: str) -> Iterator[Find]:
    for match in pattern.finditer(text):
        name = match.lastgroup
        assert name is not None
        value = match[name].rstrip("*")
        if is_no_secret(value) or (name[0] in "wx" and not is_stated_secret(value)):
            continue
        yield Find(match.start(name), match.start(name) + len(value), Kind.SECRET)
