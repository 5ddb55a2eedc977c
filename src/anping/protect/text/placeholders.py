"""The placeholder that stands in a redacted text for each type, in the text's language."""

from __future__ import annotations

import re

from anping.core.text import Text

_CHINESE = re.compile("[\u3400-\u9fff]")
_OTHER = Text("識別資料", "IDENTIFIER")
_NAMES = {
    "PERSON_NAME": Text("姓名", "NAME"),
    "TW_NATIONAL_ID": Text("身分證字號", "NATIONAL ID"),
    "TW_RESIDENT_ID": Text("居留證號", "RESIDENT ID"),
    "TW_PASSPORT": Text("護照號碼", "PASSPORT"),
    "TW_NHI_CARD": Text("健保卡號", "HEALTH CARD"),
    "TW_DRIVER_LICENSE": Text("駕照號碼", "DRIVER LICENCE"),
    "MEDICAL_RECORD_NO": Text("病歷號", "RECORD NO"),
    "PHONE": Text("電話", "PHONE"),
    "EMAIL": Text("電子郵件", "EMAIL"),
    "LINE_ID": Text("LINE帳號", "LINE ID"),
    "ADDRESS_FULL": Text("地址", "ADDRESS"),
    "ADDRESS_PART": Text("地區", "AREA"),
    "CREDIT_CARD": Text("信用卡號", "CARD"),
    "BANK_ACCOUNT": Text("銀行帳號", "ACCOUNT"),
    "VEHICLE_PLATE": Text("車牌", "PLATE"),
    "IP_ADDRESS": Text("IP位址", "IP ADDRESS"),
    "MAC_ADDRESS": Text("MAC位址", "MAC ADDRESS"),
    "DATE_OF_BIRTH": Text("出生日期", "DATE OF BIRTH"),
    "DATE": Text("日期", "DATE"),
    "TW_BUSINESS_ID": Text("統一編號", "BUSINESS ID"),
    "EINVOICE_CARRIER": Text("載具號碼", "CARRIER"),
    "URL": Text("網址", "URL"),
    "DEVICE_ID": Text("裝置識別碼", "DEVICE ID"),
    "GPS_POSITION": Text("位置", "POSITION"),
    "SECRET": Text("密碼或金鑰", "SECRET"),
    "CRYPTO_ADDRESS": Text("加密貨幣地址", "CRYPTO ADDRESS"),
    "TW_CITIZEN_CERTIFICATE": Text("憑證號碼", "CERTIFICATE NO"),
    "US_SSN": Text("社會安全號碼", "SSN"),
    "ORGANISATION": Text("機構", "ORGANISATION"),
}


def type_name(kind: str) -> Text:
    """Return the type's name in both languages."""
    return _NAMES.get(kind, _OTHER)


def placeholder(kind: str, *, chinese: bool) -> str:
    """Return ``[姓名]`` or ``[NAME]``."""
    return f"[{type_name(kind).to('zh' if chinese else 'en')}]"


def is_chinese(text: str) -> bool:
    """Return whether a text holds any Chinese character."""
    return not text.isascii() and _CHINESE.search(text) is not None
