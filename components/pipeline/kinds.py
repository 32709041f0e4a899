"""What the stack makes of files, by their kind."""

from dataclasses import dataclass

from components.settings import Archives, Images, Tables


@dataclass(frozen=True, kw_only=True, slots=True)
class Kinds:
    """What becomes of files, by their kind."""

    images: Images
    tables: Tables
    archives: Archives

    @property
    def apart(self) -> bool:
        """Whether the members of archives are files of their own."""
        return self.archives.members == "process"

    def values(self) -> dict[str, str | int]:
        """What functions have to know of them, by the names of their environments."""
        images, archives = self.images, self.archives
        return {
            "results": self.tables.results,
            "distinct": int(self.tables.distinct),
            "archive_members": archives.max_members,
            "archive_unpacked_bytes": archives.max_unpacked_bytes,
            "archive_ratio": archives.max_ratio,
            "archive_nesting": archives.nesting if self.apart else 0,
            "web_pixels": images.web_pixels,
            "preview_pixels": images.preview_pixels,
            "thumbnail_pixels": images.thumbnail_pixels,
            "image_format": images.format,
            "image_quality": images.quality,
            "max_megapixels": images.max_megapixels,
        }
