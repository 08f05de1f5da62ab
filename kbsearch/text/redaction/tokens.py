"""Tokens and keys that are recognised by the format that their issuers publish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.redaction.finds import Find, Kind, Reading, Said, group

_TOKEN = re.compile(
    r"""(?x)(?<![A-Za-z0-9])(?:
      (?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}                                     # AWS
    | gh[pousr]_[A-Za-z0-9]{20,255} | github_pat_\w{22,255}                   # GitHub
    | gl(?:pat|dt|ft|soat|rt|cbt|ptt|agent|oas)-[\w-]{20,128}                 # GitLab
    | xox[abeoprs]-[\w-]{10,255} | xapp-\d-[\w-]{20,255}                      # Slack
    | https://hooks\.slack\.com/services/[\w/]{1,128}
    | https://[\w.-]{1,80}\.webhook\.office\.com/webhookb2/[\w@/-]{1,255}
    | https://discord(?:app)?\.com/api/webhooks/\d{1,24}/[\w-]{1,128}
    | (?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{16,255} | whsec_[\w+/=]{24,128}  # Stripe
    | sk-[\w-]{20,255}                                                        # OpenAI, Anthropic
    | SG\.[\w-]{16,64}\.[\w-]{16,128} | key-[0-9a-f]{32} | [0-9a-f]{32}-us\d{1,2}  # SendGrid, Mailgun, Mailchimp
    | AIza[\w-]{35} | ya29\.[\w-]{20,255} | GOCSPX-[\w-]{20,64}               # Google
    | npm_[A-Za-z0-9]{36} | pypi-AgE[\w-]{50,255} | rubygems_[0-9a-f]{48}     # package registries
    | hv[sb]\.[\w-]{24,255} | do[opr]_v1_[0-9a-f]{64} | dapi[0-9a-f]{32}      # Vault, DigitalOcean, Databricks
    | ATATT3[\w=-]{20,255} | NRAK-[A-Z0-9]{27} | PMAK-[0-9a-f-]{40,70}        # Atlassian, New Relic, Postman
    | hf_[A-Za-z0-9]{30,64} | gl(?:sa|c)_[\w=+/-]{20,255} | dckr_pat_[\w-]{20,64}  # Hugging Face, Grafana, Docker
    | shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32} | sq0(?:atp|csp)-[\w-]{22,64}        # Shopify, Square
    | lin_api_\w{32,64} | ntn_\w{40,64} | figd_[\w-]{30,64} | sntrys_[\w+/=]{20,255}  # Linear, Notion, Figma, Sentry
    | AGE-SECRET-KEY-1[0-9A-Z]{58}                           # age
    | eyJ[\w-]{8,8192}\.[\w-]{8,8192}(?:\.[\w-]{0,8192}){0,3}                 # JWT, RFC 7519
    | [\w~.-]{3}[78]Q~[\w~.-]{31,34}                                          # Microsoft Entra client secret
    | kbs_[\w-]{20,128}                                                       # ours
    )"""
)
_TOKENS_BEGIN = Said(
    "akia asia abia acca ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glft- glsoat- glrt- glcbt- glptt- glagent- "
    "gloas- xox xapp- hooks.slack webhook.office discord _live_ _test_ whsec_ sk- sg. key- -us aiza ya29. gocspx- npm_ "
    "pypi- rubygems_ hvs. hvb. _v1_ dapi atatt3 nrak- pmak- hf_ glsa_ glc_ dckr_ shpat_ shpca_ shppa_ shpss_ sq0 "
    "lin_api_ ntn_ figd_ sntrys_ age-secret eyj q~ kbs_"
)
_SHORTEST = 15
_LONG = 40
_WINDOWS_HASH_LENGTH = 32
# Telegram's bot tokens, BitLocker's recovery keys.
_DIGITS_FIRST = re.compile(r"(?<![\w-])(?:\d{8,10}:[A-Za-z0-9_-]{35}|\d{5,6}(?:-\d{5,6}){7})(?![\w-])")
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,60}-----|\Z)|"
    r"PuTTY-User-Key-File-\d:.*?(?:Private-MAC: \w+|\Z)",
    re.DOTALL,
)
# crypt(3), bcrypt, Argon2
_HASH = re.compile(r"\$(?:1|2[abxy]|5|6|7|y|argon2(?:id?|d))\$[\w./$,=+-]{20,200}")
# What Windows keeps: both hashes as tools write them, or one behind the word.
_WINDOWS_HASH = re.compile(
    r"(?i)(?<![0-9a-f])[0-9a-f]{32}:[0-9a-f]{32}(?![0-9a-f])"
    r"|(?<![^\W_])(?:ntlm|nt|lm)[ -]?hash\w{0,2}(?:\s{0,3}[:=]|\s(?:is|е|of \S{1,40}))?\s{1,3}"
    r"(?P<value>[0-9a-f]{32})(?![0-9a-f])"
)


def find_tokens(reading: Reading) -> Iterator[Find]:
    text, lowered = reading.text, reading.lowered
    if "-----begin" in lowered or "putty" in lowered:
        for match in _PEM.finditer(text):
            yield group(match, Kind.SECRET)
    longest = max(map(len, lowered.split()), default=0)
    if longest >= _LONG:
        for match in _DIGITS_FIRST.finditer(text):
            yield group(match, Kind.SECRET)
    if longest >= _SHORTEST and _TOKENS_BEGIN(reading):
        for match in _TOKEN.finditer(text):
            yield group(match, Kind.SECRET)
    yield from _hashes(text, longest)


def _hashes(text: str, longest: int) -> Iterator[Find]:
    """Hashes of passwords. ``longest`` is the length of the longest word."""
    if longest >= _WINDOWS_HASH_LENGTH:
        for match in _WINDOWS_HASH.finditer(text):
            yield group(match, Kind.SECRET, "value" if match["value"] else 0)
    if "$" in text:
        for match in _HASH.finditer(text):
            yield group(match, Kind.SECRET)
