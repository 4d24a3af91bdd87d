"""The rules: policy packs, case files, exact scoring and explanations. Pure Python, no Django, no clock."""
