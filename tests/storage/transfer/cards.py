"""Model cards in the style of Hugging Face, and what is read of them."""

from typing import Any

HUB = "https://huggingface.co/"
DATA = f"{HUB}datasets/"
NOTHING = "names nothing that can be registered"
LOADER = "is the loader of a dataset without a name"


def card(front_matter: str) -> bytes:
    return f"---\n{front_matter}\n---\n# Title\n\ntext: of the card\n".encode()


def by_url(url: str, role: str | None = None) -> dict[str, str]:
    return {"url": url} if role is None else {"url": url, "role": role}


def trained_on(*ids: str) -> list[dict[str, str]]:
    return [by_url(DATA + each, "TRAINED_ON") for each in ids]


CARDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "an encoder": (
        "language: en\ntags:\n- exbert\nlicense: apache-2.0\ndatasets: [bookcorpus, wikipedia]",
        {
            "license": "apache-2.0",
            "tags": ["exbert"],
            "properties": {"language": "en"},
            "datasets": trained_on("bookcorpus", "wikipedia"),
        },
        "",
    ),
    "speech in many languages": (
        "language: [en, de, no]\npipeline_tag: text-to-speech\ntags: [audio]\nwidget: [a]",
        {
            "tags": ["audio", "text-to-speech"],
            "properties": {"language": "en, de, no", "pipeline_tag": "text-to-speech"},
        },
        "widget",
    ),
    "a license of its own": (
        "license: other\nlicense_name: llama3.1\nlicense_link: https://x.org/LICENSE",
        {"license": "llama3.1", "properties": {"license_link": "https://x.org/LICENSE"}},
        "",
    ),
    "a license that is only other": ("license: other", {"license": "other"}, ""),
    "a name beside a license": (
        "license: mit\nlicense_name: ours",
        {"license": "mit"},
        "license_name (the license is mit)",
    ),
    "a name that repeats the license": (
        "license: llama3.3\nlicense_name: llama3.3",
        {"license": "llama3.3"},
        "",
    ),
    "several licenses": ("license: [mit, cc-by-4.0]", {"license": "mit, cc-by-4.0"}, ""),
    "a license that is a mapping": (
        "license: {name: mit}",
        {},
        "license (has values that are blank or not texts)",
    ),
    "a fine-tuned model": (
        "base_model: meta-llama/Llama-3.1-8B\nbase_model_relation: finetune",
        {"baseModels": [by_url(f"{HUB}meta-llama/Llama-3.1-8B", "FINE_TUNED")]},
        "",
    ),
    "an adapter": (
        "base_model: [a/one]\nbase_model_relation: adapter\nlibrary_name: peft",
        {
            "baseModels": [by_url(f"{HUB}a/one", "ADAPTER")],
            "properties": {"library_name": "peft"},
        },
        "",
    ),
    "a merge": (
        "base_model: [a/one, b/two]\nbase_model_relation: merge\ntags: [mergekit, merge]",
        {
            "baseModels": [by_url(f"{HUB}a/one", "MERGED"), by_url(f"{HUB}b/two", "MERGED")],
            "tags": ["mergekit", "merge"],
        },
        "",
    ),
    "a quantized model": (
        "base_model: a/one\nbase_model_relation: quantized\nquantized_by: someone",
        {"baseModels": [by_url(f"{HUB}a/one", "QUANTIZED")]},
        "quantized_by",
    ),
    "a relation that is not known": (
        "base_model: gpt2\nbase_model_relation: distilled",
        {"baseModels": [by_url(f"{HUB}gpt2")]},
        "base_model_relation (is not one of finetune, adapter, quantized, merge)",
    ),
    "no relation": ("base_model: gpt2", {"baseModels": [by_url(f"{HUB}gpt2")]}, ""),
    "a base model on a disk": (
        "base_model: ./checkpoints/llama",
        {},
        "base_model (./checkpoints/llama names nothing that can be registered)",
    ),
    "a base model by url": (
        "base_model: https://huggingface.co/gpt2/",
        {"baseModels": [by_url(f"{HUB}gpt2")]},
        "",
    ),
    "pages of the hub": (
        f"base_model: [{HUB}a/big/tree/main, hf.co/a/b]\ndatasets: [{DATA}c/raw, datasets/d]",
        {
            "baseModels": [by_url(f"{HUB}a/big"), by_url(f"{HUB}a/b")],
            "datasets": trained_on("c", "d"),
        },
        "",
    ),
    "pages of the hub of another kind": (
        f"base_model: {DATA}squad\ndatasets: ['{HUB}a/big', '{DATA}%ff']",
        {
            "baseModels": [by_url(f"{DATA}squad")],
            "datasets": [by_url(f"{HUB}a/big", "TRAINED_ON"), *trained_on("%ff")],
        },
        "",
    ),
    "loaders and placeholders": (
        "base_model: None\ndatasets: [imagefolder, acme/own]",
        {"datasets": trained_on("acme/own")},
        f"base_model (None {NOTHING}), datasets (imagefolder {LOADER})",
    ),
    "a base model on a disk of Windows": (
        "base_model: 'C:\\models\\llama'",
        {},
        "base_model (C:\\models\\llama names nothing that can be registered)",
    ),
    "datasets as one text": ("datasets: squad", {"datasets": trained_on("squad")}, ""),
    "datasets that are no repositories": (
        "datasets:\n- Common Voice 11\n- https://x.org/my data\n- acme/does-not-exist",
        {
            "datasets": [
                {"name": "Common Voice 11", "role": "TRAINED_ON"},
                *trained_on("acme/does-not-exist"),
            ]
        },
        "datasets (https://x.org/my data names nothing that can be registered)",
    ),
    "a dataset that is listed twice": (
        "datasets: [squad, squad]",
        {"datasets": trained_on("squad")},
        "",
    ),
    "tags as one text": ("tags: text-generation", {"tags": ["text-generation"]}, ""),
    "tags that are no texts": (
        "tags: [a, {b: c}, [d], null, '']",
        {"tags": ["a"]},
        "tags (has values that are blank or not texts)",
    ),
    "tags that are numbers, dates and booleans": (
        "tags: [1.10, 2024-01-01, no, on, 0o17]",
        {"tags": ["1.10", "2024-01-01", "no", "on", "0o17"]},
        "",
    ),
    "empty fields": ("license:\ntags: []\ndatasets: null\nlanguage: ~", {}, ""),
    "Norwegian": ("language: no", {"properties": {"language": "no"}}, ""),
    "results": (
        "model-index:\n- name: tiny\n  results: [{metrics: [{value: 1}]}]\nmetrics: [accuracy]",
        {"properties": {"model-index": "tiny"}},
        "model-index (only names are read), metrics",
    ),
    "results that are no list": (
        "model-index: none",
        {},
        "model-index (only names are read)",
    ),
    "comments and quotes": (
        "# from a template\nlicense: 'mit' # permissive\ntags:\n- \"a: b\"",
        {"license": "mit", "tags": ["a: b"]},
        "",
    ),
    "other alphabets": ("tags: [自然言語処理, 🤗]", {"tags": ["自然言語処理", "🤗"]}, ""),
    "fields of its own": (
        "thumbnail: https://x.org/a.png\nco2_eq_emissions: {emissions: 1}\ninference: false",
        {},
        "thumbnail, co2_eq_emissions, inference",
    ),
    "too many tags": (
        f"tags: [{', '.join(f't{n}' for n in range(101))}]",
        {"tags": [f"t{n}" for n in range(100)]},
        "tags (only the first 100 are read)",
    ),
    "too many languages": (
        f"language: [{', '.join(['eng'] * 300)}]",
        {},
        "language (is longer than 1,024 characters)",
    ),
    "too many datasets": (
        f"base_model: gpt2\ndatasets: [{', '.join(f'd{n}' for n in range(90))}]",
        {
            "baseModels": [by_url(f"{HUB}gpt2")],
            "datasets": trained_on(*(f"d{n}" for n in range(89))),
        },
        "datasets (only the first 89 are read)",
    ),
    "texts that cannot be stored": (
        'tags: ["a\\0b", "\\ud800", c]\n"k\\x1b[2J": x',
        {"tags": ["c"]},
        "tags (has values that are blank or not texts), k\\x1b[2J",
    ),
    "types of other programs": (
        "license: !!python/object/apply:os.system [exit 1]\ntags: [!!int a, b]",
        {"license": "exit 1", "tags": ["a", "b"]},
        "",
    ),
}
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "no front matter": (b"# Title\n", "has no front matter: it does not begin with ---"),
    "an empty file": (b"", "has no front matter: it does not begin with ---"),
    "no end": (b"---\nlicense: mit\n", "the front matter does not end with ---"),
    "nothing between": (
        b"---\n---\n",
        "the front matter has no fields of the form `key: value`",
    ),
    "a list": (card("- a\n- b"), "the front matter has no fields of the form `key: value`"),
    "a tab": (
        card("tags:\n\t- a"),
        "not YAML at line 3: found character '\\t' that cannot start any token",
    ),
    "a key that occurs twice": (
        card("license: mit\ntags: [a]\nlicense: gpl-3.0"),
        "not YAML at line 4: the key license occurs twice",
    ),
    "a key that is a list": (card("? [a]\n: b"), "not YAML at line 2: a key is not a text"),
    "a bomb": (
        card("a: &a [x, x]\nb: &b [*a, *a]\ntags: [*b, *b]"),
        "not YAML at line 3: aliases are not read",
    ),
    "an abyss": (card("tags: " + "[" * 500), "nested too deeply"),
    "other bytes": (b"---\nlicense: \xff\n---\n", "the front matter is not UTF-8"),
    "two documents": (
        card("license: mit\n--- # again\nlicense: gpl-3.0"),
        "not YAML at line 3: but found another document",
    ),
    "controls": (
        card("license: \x01"),
        "not YAML: unacceptable character #x0001: special characters are not allowed",
    ),
    "a huge one": (card("x" * 1_000_001), "the front matter is longer than 1,000,000 bytes"),
}
