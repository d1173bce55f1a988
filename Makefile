# emorec. `make all` and `make test` set up what they need; `make help` lists the rest.
PROFILE ?= sample
PYTHON  ?= python3
# Notebooks that need nothing of each other run side by side, JOBS of them. On Windows, where kernels talk over TCP, two that start at once
# may choose the same ports.
JOBS    ?= $(if $(filter Windows_NT,$(OS)),1,2)
MAKEFLAGS += -j$(JOBS)
NAMES   := 01_gram_tsne 02_clip_similarity 03_augmentation 04_kobert_training 05_recommendation_demo 06_evaluation 07_bottleneck
OUT     := outputs/$(PROFILE)

# An active conda environment made from environment.yml is used as it is; otherwise .venv from requirements.lock.
ifeq ($(CONDA_DEFAULT_ENV),emorec)
PY  := python
ENV :=
else
PY  := $(if $(filter Windows_NT,$(OS)),.venv/Scripts/python,.venv/bin/python)
ENV := .venv/installed
endif
export PYTHONUTF8 := 1
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))
export TOKENIZERS_PARALLELISM := false
# Threads of GNU's OpenMP that wait for a core somebody else is using give way soon, or a busy machine trains ten times slower.
export GOMP_SPINCOUNT ?= 1000
# glibc would hand every large tensor back to the kernel and have the next one cleared anew; kept, a ResNet-50 takes a third less time.
export MALLOC_MMAP_MAX_ ?= 0
export MALLOC_TRIM_THRESHOLD_ ?= 1073741824
ifneq ($(EMOREC_DATA),)
export EMOREC_DATA := $(abspath $(EMOREC_DATA))
endif

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all env publish test test-browser lint bench verify-models reference lab strip lock clean help FORCE $(foreach n,$(NAMES),nb-$(firstword $(subst _, ,$(n))))

all: $(OUT)/index.html  ## run the seven notebooks of PROFILE (default sample) and make the reports
	@echo "Reports: $(OUT)/index.html"

env: $(ENV)  ## set up .venv from requirements.lock (CPU_TORCH=1 on Linux: torch without CUDA)

.venv/installed: requirements.lock pyproject.toml tools/setup_env.py
	@$(PYTHON) tools/setup_env.py $(if $(CPU_TORCH),--cpu-torch)

# --- notebooks: executed copy -> report -> index ---------------------------------------------------------------------
LIB := $(filter-out emorec_lib/report.py emorec_lib/notebook.py,$(wildcard emorec_lib/*.py)) $(wildcard emorec_lib/assets/*/manifest.csv emorec_lib/assets/*/README.md emorec_lib/assets/models/*/*)
PARAMS = $(wildcard params/base.yaml params/$(PROFILE).yaml params/$(1).yaml params/$(1).$(PROFILE).yaml)

define NOTEBOOK
$(OUT)/notebooks/$(1).ipynb: notebooks/$(1).ipynb $$(call PARAMS,$(1)) $(LIB) $(OUT)/.inputs | $(ENV)
	@$(PY) -m emorec_lib.notebook $(1) $(PROFILE)
$(OUT)/reports/$(1).html: $(OUT)/notebooks/$(1).ipynb emorec_lib/report.py emorec_lib/assets/report.css
	@$(PY) -m emorec_lib.report $(1) $(OUT)
$(OUT)/lab/$(1).ipynb: notebooks/$(1).ipynb $$(call PARAMS,$(1)) | $(ENV)
	@$(PY) -m emorec_lib.notebook $(1) $(PROFILE) --prepare-only
nb-$(firstword $(subst _, ,$(1))): $(OUT)/reports/$(1).html
endef
$(foreach n,$(NAMES),$(eval $(call NOTEBOOK,$(n))))

$(OUT)/notebooks/05_recommendation_demo.ipynb $(OUT)/notebooks/06_evaluation.ipynb $(OUT)/notebooks/07_bottleneck.ipynb: $(foreach n,04_kobert_training 01_gram_tsne 02_clip_similarity,$(OUT)/notebooks/$(n).ipynb)

$(OUT)/notebooks/04_kobert_training.ipynb: $(OUT)/notebooks/03_augmentation.ipynb

# 03 first, and above what leads to 04: that takes longest and waits for it.
$(OUT)/index.html: $(foreach n,03_augmentation $(filter-out 03%,$(NAMES)),$(OUT)/reports/$(n).html)
	@$(PY) -m emorec_lib.report index $(OUT)

# Which data the environment points at: changing it runs the notebooks again.
$(OUT)/.inputs: FORCE
	@mkdir -p $(OUT)
	@echo '$(EMOREC_DATA)|$(EMOREC_PACKS)|$(EMOREC_AIHUB)' | cmp -s - $@ || echo '$(EMOREC_DATA)|$(EMOREC_PACKS)|$(EMOREC_AIHUB)' > $@

lab: $(ENV) $(foreach n,$(NAMES),$(OUT)/lab/$(n).ipynb)  ## open the notebooks in JupyterLab with PROFILE's parameters put in
	$(PY) -m jupyterlab $(ARGS) $(OUT)/lab

publish:  ## put PROFILE's finished reports on the branch pages, for people to read without running
	@$(PYTHON) tools/publish.py $(OUT)

# --- for developers --------------------------------------------------------------------------------------------------
test: $(ENV)  ## run the tests (offline, CPU; includes two whole runs of the test profile)
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not browser" $(ARGS)

test-browser: $(ENV)  ## try the interface of 05 in JupyterLab and Chromium (which must be there; skips if not)
	@$(PY) -c "import playwright" 2>/dev/null || $(PY) -m pip install -q "playwright>=1.45" || true
	$(PY) -m pytest -m browser tests/test_browser.py $(ARGS)

bench: $(ENV)  ## speed ratios, side by side in one run
	$(PY) tools/bench.py

verify-models: $(ENV)  ## download the real weights (more than 1 GB) and compare them with published values
	@$(PY) tools/verify_models.py $(ARGS)

reference: $(ENV) .venv-reference/installed  ## compare ours with gluonnlp and clip-anytorch in .venv-reference (6 GB), write docs/reference.md
	@$(PY) tools/reference/compare.py

# setuptools and Cython first: gluonnlp comes as source, and its build should take these, not the newest.
.venv-reference/installed: tools/reference/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)) and "the reference environment needs Python 3.11 or 3.12: make reference PYTHON=python3.11")'
	$(PYTHON) -m venv .venv-reference
	.venv-reference/bin/pip install -q $$(grep -iE '^(setuptools|wheel|cython|packaging)==' $<)
	.venv-reference/bin/pip install -q --no-build-isolation -r $<
	@touch $@

lint: $(ENV)  ## ruff over library, tools, tests and notebooks
	$(PY) -m ruff check .

strip: $(ENV)  ## remove outputs from the notebooks before a commit
	$(PY) -m nbstripout --keep-id notebooks/*.ipynb

lock:  ## pin pyproject.toml's dependencies for every platform (needs uv)
	uv pip compile --universal --python-version 3.11 --extra jupyter --extra dev --no-header --annotation-style line -q -U pyproject.toml -o requirements.lock

clean:  ## remove the outputs of PROFILE
	rm -rf $(OUT)

help:  ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@echo 'nb-01 … nb-07   run one notebook and make its report'
	@echo 'JOBS=1          run the notebooks one after the other (default: 2 side by side)'
	@echo 'PROFILE = test, sample, open, colab or study, e.g. make all PROFILE=colab'
