"""Pictures and files that stand inside a text as letters: data URIs, content ids, base64 blocks."""

from __future__ import annotations

import re

_DATA_URI = re.compile(
    r"data:[a-z]{1,20}/[\w.+-]{1,60}(?:;[\w=.-]{1,40}){0,4},[A-Za-z0-9+/=_%-]*(?:\s[A-Za-z0-9+/=]{40,})*", re.I
)
_INLINE_PICTURE = re.compile(r"!\[[^\]\n]{0,200}\]\(\s*(?:(?:cid|attachment|blob):[^)\n]{0,300}|)\)")
_CONTENT_ID = re.compile(
    r"[\[<](?:cid:|inline[- ](?:image|bild|picture)|image:|картинка:|bild:|immagine|afbeelding)[^\]>\n]{0,200}[\]>]"
    r"|<(?:image|img|outlook-)\w{0,20}\.(?:png|jpe?g|gif)>|\[(?:image|img|outlook-)\w{0,20}\.(?:png|jpe?g|gif)\]",
    re.IGNORECASE,
)
_PICTURE_LINE = re.compile(  # alone in its line: a logo's address, Jira's mark of a picture
    r"^[ \t]*(?:<https?://[^\s<>]{1,300}\.(?:png|jpe?g|gif|svg)[^\s<>]{0,200}>"
    r"|![^\s!|\n][^!|\n]{0,200}\.(?:png|jpe?g|gif|bmp)(?:\|[^!\n]{0,80})?!)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_UUENCODED = re.compile(r"^begin [0-7]{3} [^\n]{1,200}\n(?:[!-`]{1,61}\n){0,100000}end[ \t]*$", re.MULTILINE)
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/=_.-])(?:[A-Za-z0-9+/]{60,}={0,2}(?:\n|$)){3,}(?:(?=[A-Za-z+/]*[\d=])[A-Za-z0-9+/]{2,75}={0,2}(?=\n|$))?"
)
_LONG_BASE64 = re.compile(  # letters of both cases and digits, all within its beginning
    r"(?<![A-Za-z0-9+/=_./:-])(?=[A-Za-z+/]{0,80}\d)(?=[a-z0-9+/]{0,80}[A-Z])(?=[A-Z0-9+/]{0,80}[a-z])"
    r"[A-Za-z0-9+/]{200,}={0,2}"
)


def without_attachments(text: str) -> str:
    """The text without what a mail program or an editor put in the place of a picture or a file."""
    if "data:" in text.lower():
        text = _DATA_URI.sub("", text)
    if "[" in text or "<" in text:
        text = _CONTENT_ID.sub("", _INLINE_PICTURE.sub("", text))
    if "<http" in text or "!" in text:
        text = _PICTURE_LINE.sub("", text)
    if "begin " in text and "\nend" in text:
        text = _UUENCODED.sub("", text)
    if len(text) > 200 and "-----BEGIN" not in text:
        text = _LONG_BASE64.sub("", _BASE64.sub("", text))
    return text
