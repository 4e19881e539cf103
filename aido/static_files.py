"""Static files: their names, and their responses."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.base import MissingFileError
from whitenoise.middleware import WhiteNoiseFileResponse, WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Prepare the headers of a file for its first request, not of all at the start."""

    def __init__(self, get_response: Any) -> None:
        self.paths: dict[str, str] = {}  # of files, by the path of their URL
        super().__init__(get_response)

    def add_file_to_dictionary(
        self, url: str, path: str, stat_cache: object = None
    ) -> None:
        self.paths[url] = path

    def __call__(self, request: HttpRequest) -> HttpResponse:
        url = request.path_info
        if url in self.paths and url not in self.files:
            with suppress(MissingFileError):
                super().add_file_to_dictionary(url, self.paths[url])
        return super().__call__(request)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> WhiteNoiseFileResponse:
        response = WhiteNoiseMiddleware.serve(static_file, request)
        if "immutable" in response.get("Cache-Control", ""):  # nothing to revalidate
            del response["ETag"], response["Last-Modified"]
        return response


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Use the plain name of a file that collectstatic has not collected.

    Django raises an error instead, so that every page would answer 500. WhiteNoise
    serves such a file from where it is, uncompressed.
    """

    support_js_module_import_aggregation = True  # imports name the hashed files
    max_post_process_passes = 20  # more than modules that import one another in a row

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            return name
