"""Hashed static files in production; our own ES modules import each other by relative names, which are rewritten."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_OUR_FOLDERS = ("ui/", "home/", "consultation/", "villagerules/", "contest/")


class PortalStaticStorage(CompressedManifestStaticFilesStorage):
    """Django's switch for module imports stumbles over minified files of packages: only ours are rewritten."""

    _module_patterns = (
        "*.js",
        (
            (
                r"""(?P<matched>import(?s:(?P<import>[\s\{].*?))\s*from\s*['"](?P<url>[./].*?)["']\s*;)""",
                """import%(import)s from "%(url)s";""",
            ),
            (
                r"""(?P<matched>import\s*['"](?P<url>[./].*?)["']\s*;)""",
                """import "%(url)s";""",
            ),
        ),
    )
    patterns = (*ManifestStaticFilesStorage.patterns, _module_patterns)

    def url_converter(self, name, hashed_files, template=None):
        """Leave the scripts of installed packages as they are."""
        convert = super().url_converter(name, hashed_files, template)
        if name.endswith(".js") and not name.startswith(_OUR_FOLDERS):
            return lambda match: match.group(0)
        return convert
