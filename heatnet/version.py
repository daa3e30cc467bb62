"""The version of heatnet, in one place."""

VERSION = "0.1.0"
