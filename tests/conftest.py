"""Tests read what the command line prints in English, whatever the language of the machine that runs them."""

import os

os.environ["LC_ALL"] = "C.UTF-8"
