"""The settings that the supervisor needs too. It reads them without Django's help."""

from pathlib import Path

from aido.env import is_on, one_of, text, whole_number
from aido.env_file import read_dotenv

BASE_DIR = Path(__file__).resolve().parent.parent
read_dotenv(BASE_DIR / ".env")

API_HOST = text("API_HOST", "localhost")
API_PORT = whole_number("API_PORT", whole_number("PORT", 8000))
API_WORKERS = whole_number("API_WORKERS", 1)
METRICS = is_on("METRICS", False)
LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LOG_LEVEL = one_of("LOG_LEVEL", "INFO", LOG_LEVELS)
