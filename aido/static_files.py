"""Storage of static files."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Use the plain name of a file that collectstatic has not collected.

    Django raises an error instead, so that every page would answer 500. WhiteNoise
    serves such a file from where it is, uncompressed.
    """

    support_js_module_import_aggregation = True  # imports name the hashed files

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            return name
