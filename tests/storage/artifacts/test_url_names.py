"""Deriving names from the urls of many hosts."""

import pytest

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import InvalidInputError

HOSTS: dict[str, dict[str, str | None]] = {
    "GitHub": {
        "https://github.com/pytorch/vision": "pytorch/vision",
        "https://github.com/pytorch/vision.git": "pytorch/vision",
        "https://GitHub.com/pytorch/vision/": "pytorch/vision",
        "https://www.github.com/pytorch/vision?tab=readme#usage": "pytorch/vision",
        "https://github.com/pytorch/vision/tree/release/0.20/references": "pytorch/vision",
        "https://github.com/pytorch/vision/blob/main/setup.py": "pytorch/vision",
        "https://github.com/pytorch/vision/commit/5181a854": "pytorch/vision",
        "https://github.com/pytorch/vision/archive/refs/tags/v0.20.zip": "pytorch/vision",
        "https://github.com/pytorch/vision/releases/download/v1/w.pt": "pytorch/vision",
        "https://github.com/a/../pytorch/vision": "pytorch/vision",
        "https://github.com/pytorch": "pytorch",
        "https://git@github.com/pytorch/vision.git": "pytorch/vision",
        "ssh://git@github.com/pytorch/vision.git": "pytorch/vision",
        "ssh://git@ssh.github.com:443/pytorch/vision.git": "pytorch/vision",
        "git+https://github.com/pytorch/vision.git@v0.20": "pytorch/vision",
        "https://api.github.com/repos/pytorch/vision/tarball/main": "pytorch/vision",
        "https://raw.githubusercontent.com/pytorch/vision/main/README.md": "pytorch/vision",
        "https://media.githubusercontent.com/media/acme/data/main/a.csv": "acme/data",
        "https://codeload.github.com/pytorch/vision/zip/refs/heads/main": "pytorch/vision",
        "https://gist.github.com/karpathy/8627fe0": "karpathy/8627fe0",
        "https://gist.githubusercontent.com/karpathy/8627fe0/raw/gru.py": "karpathy/8627fe0",
        "https://karpathy.github.io/char-rnn/": "char-rnn",
    },
    "GitLab": {
        "https://gitlab.com/acme/ml": "acme/ml",
        "https://gitlab.com/acme/ml/trainer": "acme/ml/trainer",
        "https://gitlab.com/acme/ml/evaluator.git": "acme/ml/evaluator",
        "https://gitlab.com/acme/ml/trainer.git/info/refs": "acme/ml/trainer",
        "https://gitlab.com/acme/ml/trainer/-/tree/main/src": "acme/ml/trainer",
        "https://gitlab.com/acme/ml/trainer/-/blob/main/a.py?ref_type=heads": "acme/ml/trainer",
        "https://gitlab.com/acme/ml/trainer/-/archive/v1/trainer-v1.zip": "acme/ml/trainer",
        "https://gitlab.com/acme/ml/trainer/raw/master/a.py": "acme/ml/trainer",
        "https://gitlab.com/groups/acme/ml/-/packages": "acme/ml",
        "https://gitlab.com/api/v4/projects/acme%2Fml%2Ftrainer/repository": "acme/ml/trainer",
        "ssh://git@gitlab.com/acme/ml/trainer.git": "acme/ml/trainer",
        "https://gitlab.example.org/team/a/b/c/-/tree/main": "team/a/b/c",
    },
    "Codeberg and Gitea": {
        "https://codeberg.org/acme/trainer": "acme/trainer",
        "https://codeberg.org/acme/trainer/src/branch/main/a.py": "acme/trainer",
        "https://codeberg.org/acme/trainer/archive/v1.tar.gz": "acme/trainer",
        "https://codeberg.org/api/v1/repos/acme/trainer/branches": "acme/trainer",
        "https://gitea.com/acme/trainer.git": "acme/trainer",
        "https://dagshub.com/acme/trainer/src/main/data": "acme/trainer",
    },
    "Bitbucket": {
        "https://bitbucket.org/acme/trainer": "acme/trainer",
        "https://user@bitbucket.org/acme/trainer.git": "acme/trainer",
        "https://bitbucket.org/acme/trainer/src/main/a.py": "acme/trainer",
        "https://api.bitbucket.org/2.0/repositories/acme/trainer/commits": "acme/trainer",
    },
    "Hugging Face": {
        "https://huggingface.co/gpt2": "gpt2",
        "https://huggingface.co/gpt2/resolve/main/config.json": "gpt2",
        "https://huggingface.co/gpt2/tree/main": "gpt2",
        "https://huggingface.co/gpt2/discussions/12": "gpt2",
        "https://www.huggingface.co/models/a/b/": "a/b",
        "https://huggingface.co/openai/whisper-large-v3": "openai/whisper-large-v3",
        "https://huggingface.co/openai/whisper-tiny/blob/main/README.md": "openai/whisper-tiny",
        "https://huggingface.co/openai/whisper-tiny/commit/169d4a4": "openai/whisper-tiny",
        "https://hf.co/openai/whisper-tiny/raw/main/a.json": "openai/whisper-tiny",
        "https://huggingface.co/datasets/squad": "squad",
        "https://huggingface.co/datasets/squad/viewer/plain_text/train": "squad",
        "https://huggingface.co/datasets/rajpurkar/squad/viewer": "rajpurkar/squad",
        "https://huggingface.co/datasets/rajpurkar/squad/resolve/main/a": "rajpurkar/squad",
        "https://huggingface.co/spaces/gradio/hello_world/tree/main": "gradio/hello_world",
        "https://huggingface.co/api/models/gpt2/revision/main": "gpt2",
        "https://huggingface.co/api/datasets/rajpurkar/squad/parquet": "rajpurkar/squad",
        "https://huggingface.co/api/datasets/squad": "squad",
        "https://huggingface.co/openai/whisper-tiny.git": "openai/whisper-tiny",
        "https://huggingface.co/papers/1706.03762": "1706.03762",
        "https://huggingface.co/api/datasets": None,
        "https://huggingface.co/datasets/": None,
        "https://huggingface.co/models?search=bert": None,
    },
    "Kaggle": {
        "https://www.kaggle.com/datasets/zynicide/wine-reviews": "zynicide/wine-reviews",
        "https://www.kaggle.com/datasets/zynicide/wine-reviews/data": "zynicide/wine-reviews",
        "https://www.kaggle.com/zynicide/wine-reviews/version/4": "zynicide/wine-reviews",
        "https://www.kaggle.com/models/google/gemma/pyTorch/2b": "google/gemma",
        "https://www.kaggle.com/code/alexisbcook/titanic-tutorial": (
            "alexisbcook/titanic-tutorial"
        ),
        "https://www.kaggle.com/competitions/titanic": "titanic",
        "https://www.kaggle.com/competitions/titanic/data": "titanic",
        "https://www.kaggle.com/c/titanic/data?select=train.csv": "titanic",
        "https://www.kaggle.com/api/v1/datasets/download/zynicide/wine-reviews": (
            "zynicide/wine-reviews"
        ),
        "https://www.kaggle.com/datasets": None,
    },
    "ModelScope": {
        "https://modelscope.cn/models/qwen/Qwen2-7B/summary": "qwen/Qwen2-7B",
        "https://www.modelscope.cn/datasets/modelscope/gsm8k/files": "modelscope/gsm8k",
        "https://www.modelscope.cn/qwen/Qwen2-7B.git": "qwen/Qwen2-7B",
        "https://modelscope.cn/api/v1/models/qwen/Qwen2-7B/repo?Revision=master": (
            "qwen/Qwen2-7B"
        ),
    },
    "archives of data": {
        "https://zenodo.org/records/1117372": "1117372",
        "https://zenodo.org/record/1117372/files/fma.zip?download=1": "1117372",
        "https://zenodo.org/api/records/1117372/files": "1117372",
        "https://doi.org/10.5281/zenodo.1117372": "zenodo.1117372",
        "https://www.openml.org/d/61": "61",
        "https://api.openml.org/api/v1/json/data/61": "61",
        "https://www.openml.org/data/download/61/iris.arff": "iris.arff",
        "https://www.openml.org/search?type=data&id=61": None,
        "https://archive.ics.uci.edu/dataset/53/iris": "iris",
        "https://archive.ics.uci.edu/ml/datasets/Iris": "Iris",
        "https://archive.ics.uci.edu/ml/machine-learning-databases/iris/iris.data": "iris",
        "https://archive.ics.uci.edu/static/public/53/iris.zip": "iris",
        "https://data.mendeley.com/datasets/rscbjbr9sj/2": "rscbjbr9sj",
    },
    "papers and packages": {
        "https://arxiv.org/abs/1706.03762v7": "1706.03762v7",
        "https://arxiv.org/pdf/1706.03762.pdf": "1706.03762",
        "https://arxiv.org/abs/cs/0112017": "cs/0112017",
        "https://paperswithcode.com/dataset/squad": "squad",
        "https://paperswithcode.com/paper/attention-is-all-you-need/review": (
            "attention-is-all-you-need"
        ),
        "https://pypi.org/project/torch/2.5.0/": "torch",
        "https://pypi.org/pypi/torch/json": "torch",
        "https://pypi.org/simple/torch/": "torch",
        "https://tfhub.dev/google/nnlm-en-dim128/2": "google/nnlm-en-dim128",
        "https://tfhub.dev/google/imagenet/mobilenet_v2/classification/5": (
            "google/imagenet/mobilenet_v2/classification"
        ),
        "https://www.tensorflow.org/datasets/catalog/mnist": "mnist",
    },
    "storage and other hosts": {
        "https://s3.amazonaws.com/acme-models/bert/v1": "v1",
        "https://acme-models.s3.us-east-1.amazonaws.com/bert.tar.gz": "bert.tar.gz",
        "https://storage.googleapis.com/acme/data/train.csv?generation=1": "train.csv",
        "https://storage.googleapis.com/download/storage/v1/b/x/o/a%2Fb.csv?alt=media": "b.csv",
        "s3://acme-models/path/to/model": "model",
        "https://example.org/sets/imagenet/download": "imagenet",
        "https://example.org/sets/imagenet/index.html": "imagenet",
        "https://example.org/download": "download",
        "https://example.org/a/b/c.git?x=1#top": "c",
        "https://git.example.org/a/c/-/tree/dev": "c",
        "https://git.example.org/a/c/tree/main/src": "c",
        "https://example.org/a/%20/": "a",
        "https://example.org/na%C3%AFve%20set": "naïve set",
        "https://example.org/caf%E9": None,
        "https://example.org/a/.git": "a",
        "https://example.org": None,
        "https://example.org/?q=1": None,
        "https://example.org/---/..": None,
        "https://github.com": None,
    },
}


@pytest.mark.parametrize(
    ("url", "name"), [pair for urls in HOSTS.values() for pair in urls.items()]
)
def test_names_follow_the_rules_of_the_host(url: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(InvalidInputError, match="cannot be derived from the url"):
            parse_new_artifact(ArtifactType.DATASET, {"url": url})
    else:
        assert parse_new_artifact(ArtifactType.DATASET, {"url": url}).name == name
