"""Judges TOML files by a JSON schema: `schema_judge.py SCHEMA FILE…` prints a line for each file, `FILE: fits` or what does not."""

import json
import sys
import tomllib

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    with open(name, "rb") as file:
        errors = list(validator.iter_errors(tomllib.load(file)))
    said = "; ".join(f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors)
    print(f"{name}: {said or 'fits'}")
