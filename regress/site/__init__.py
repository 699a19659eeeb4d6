"""The trend site: view models, theme, build. The only importer of jinja2."""

from .build import build
from .input import Built, SiteInput

__all__ = ["Built", "SiteInput", "build"]
