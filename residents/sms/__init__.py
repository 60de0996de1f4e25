"""Codes and reminders by SMS: one function each, whichever gateway the site has (settings.SMS_GATEWAY)."""

from .sending import SmsNotSent, send_code, send_petition_notice, send_reminder

__all__ = ["SmsNotSent", "send_code", "send_petition_notice", "send_reminder"]
