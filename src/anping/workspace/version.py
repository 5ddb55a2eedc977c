"""The version of Anping that evidence names."""

from importlib.metadata import version

VERSION = version("anping")
