"""Codes by SMS: one function, whichever gateway the site has (settings.SMS_GATEWAY)."""

from .sending import SmsNotSent, send_code

__all__ = ["SmsNotSent", "send_code"]
