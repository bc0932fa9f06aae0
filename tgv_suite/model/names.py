"""The forms of what a manifest writes: names, references to secrets and files, addresses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
SecretReference = Annotated[str, Field(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$")]
FileReference = Annotated[str, Field(pattern=r"^file:.+$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]
HeaderName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,60}$")]
ParameterName = Annotated[str, Field(pattern=r"^[^\s&=?#/]{1,60}$")]
FieldPath = Annotated[str, Field(pattern=r"^[^/]+(/[^/]+)*$", max_length=200)]
ClearUrl = Annotated[str, Field(pattern=r"^http://[^\s/?#@]+(/[^\s?#]*)?$")]
Port = Annotated[int, Field(ge=1, le=65535)]
ServicePath = Annotated[str, Field(pattern=r"^/\S*$", max_length=200)]
