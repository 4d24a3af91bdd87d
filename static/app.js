/*
 * The client script: no framework, no inline code, no eval. Every page works without it; this only makes work quicker.
 * Listeners are delegated to the document, so content that htmx swaps in behaves like content that was always there.
 * Hooks in the markup: data-guard, data-download, data-print, data-file-list, data-bulk, [role=alert].error-summary, details.menu.
 */
(() => {
  "use strict";

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const focusable = "input:not([type=hidden]), select, textarea, button, a[href]";
  const phone = window.matchMedia("(max-width: 760px)");

  /** Say one sentence to everybody, screen readers included. */
  const announce = (sentence) => {
    const region = one("#live");
    if (!region) return;
    const notice = document.createElement("p");
    notice.className = "notice tone-bad";
    notice.textContent = sentence;
    region.replaceChildren(notice);
  };

  /* ---- error summary: takes the focus, its links go to the field itself ---- */
  const focusErrors = () => one(".error-summary")?.focus();

  const goToField = (event, link) => {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    const control = target.matches(focusable) ? target : one(focusable, target) || target;
    (control.closest(".field") || control).scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
  };

  /* ---- character counters ---- */
  const count = (area) => {
    const counter = document.getElementById(`${area.id}_count`);
    if (counter) counter.textContent = `${area.value.length}/${area.maxLength}`;
  };

  /* ---- unsaved changes: form[data-guard] warns before the page is left; a saved draft clears the mark ---- */
  let dirty = false;
  const saveState = (sentence) => {
    const state = one("[data-save-state]");
    if (state) state.textContent = sentence;
  };
  const clock = () => new Date().toTimeString().slice(0, 5);

  /* ---- files: gathered over several choices, checked for size and number before anything is sent ---- */
  const chosen = new WeakMap();
  const fileSize = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

  const fileProblem = (file, index, input) => {
    const limit = Number(input.dataset.maxMb || 100);
    const places = Number(input.dataset.maxFiles || 20) - Number(input.dataset.existing || 0);
    const types = input.accept.split(",").map((type) => type.trim().toLowerCase()).filter(Boolean);
    if (file.size > limit * 1048576) return `超过 ${limit} MB，请压缩或拆分后再选`;
    if (file.size === 0) return "文件是空的，请检查后再选";
    if (types.length && !types.some((type) => file.name.toLowerCase().endsWith(type))) return "不支持这种文件类型，请换成列出的类型";
    if (index >= places) return `每项任务最多 ${input.dataset.maxFiles || 20} 个文件，请去掉一些`;
    return "";
  };

  const fileRow = (input, file, index) => {
    const problem = fileProblem(file, index, input);
    const row = document.createElement("li");
    const name = document.createElement("span");
    const remove = document.createElement("button");
    row.className = problem ? "file-refused" : "";
    name.textContent = `${file.name}（${fileSize(file.size)}）${problem ? `：${problem}` : ""}`;
    remove.type = "button";
    remove.className = "button button-small";
    remove.textContent = "移除";
    remove.setAttribute("aria-label", `移除 ${file.name}`);
    remove.addEventListener("click", () => {
      setFiles(input, chosen.get(input).filter((other) => other !== file));
      input.focus();
    });
    row.append(name, remove);
    return row;
  };

  const setFiles = (input, files) => {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    chosen.set(input, files);
    input.files = transfer.files;
    const list = document.getElementById(input.dataset.fileList);
    list.textContent = "";
    files.forEach((file, index) => list.append(fileRow(input, file, index)));
    const refused = files.some((file, index) => fileProblem(file, index, input));
    input.setCustomValidity(refused ? "有文件不符合要求，请先移除标红的文件。" : "");
  };

  const addFiles = (input) => {
    const earlier = chosen.get(input) || [];
    const isNew = (file) => !earlier.some((old) => old.name === file.name && old.size === file.size && old.lastModified === file.lastModified);
    setFiles(input, earlier.concat(Array.from(input.files).filter(isNew)));
  };

  /* ---- work list: selection, bulk bar, keyboard ---- */
  const rows = () => all(".inbox .row");
  const boxes = () => all(".inbox .row input[type=checkbox]");

  const showSelection = () => {
    const selected = boxes().filter((box) => box.checked);
    boxes().forEach((box) => box.closest(".row").classList.toggle("selected", box.checked));
    const bar = one("[data-bulk]");
    if (!bar) return;
    bar.hidden = selected.length === 0;
    one("[data-bulk-count]", bar).textContent = selected.length;
    const filters = one(".filter-bar");
    if (filters) filters.hidden = selected.length > 0 && !phone.matches;
    const every = one("[data-select-all]");
    if (every) every.checked = selected.length > 0 && selected.length === boxes().length;
  };

  const selectAll = (checked) => {
    boxes().forEach((box) => (box.checked = checked));
    showSelection();
  };

  const moveTo = (step) => {
    const list = rows();
    const current = list.findIndex((row) => row.classList.contains("current"));
    const next = list[current < 0 ? 0 : Math.min(list.length - 1, Math.max(0, current + step))];
    list.forEach((row) => row.classList.toggle("current", row === next));
    next.scrollIntoView({ block: "nearest" });
    next.dispatchEvent(new Event("peek"));
  };

  const rowKeys = {
    j: () => moveTo(1),
    k: () => moveTo(-1),
    x: (row) => row && one("input[type=checkbox]", row)?.click(),
    Enter: (row, event) => event.target === document.body && row && one(".row-title a", row)?.click(),
    "/": (row, event) => {
      const search = one(".filter-bar:not([hidden]) input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all("details.menu[open]").forEach((menu) => { menu.open = false; one("summary", menu).focus(); });
    const typing = event.target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (rowKeys[key] && (rows().length || key === "/")) rowKeys[key](one(".inbox .row.current"), event);
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-summary a[href^='#']");
    if (link) goToField(event, link);
    if (event.target.closest?.("[data-print]")) window.print();
    if (event.target.closest?.("[data-clear-selection]")) selectAll(false);
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) selectAll(event.target.checked);
    else if (event.target.matches(".inbox .row input[type=checkbox]")) showSelection();
    else if (event.target.matches("input[type=file][data-file-list]")) addFiles(event.target);
    else if (event.target.closest("form[data-submit-on-change]:not([hx-get])")) event.target.form.requestSubmit();
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[maxlength]")) count(event.target);
    if (event.target.form?.matches("[data-guard]")) { dirty = true; saveState("有未保存的修改"); }
  });

  /* A second press of the same button must not send the form twice; the server refuses it too. A download leaves the page as it is. */
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.matches("[data-download]")) return;
    if (event.target.dataset.sending && event.target.method === "post") return event.preventDefault();
    event.target.dataset.sending = "yes";
    if (event.target.matches("[data-guard]")) dirty = false;
  });

  window.addEventListener("pageshow", () => all("form[data-sending]").forEach((form) => delete form.dataset.sending));
  window.addEventListener("beforeunload", (event) => {
    if (!dirty) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* ---- paper has no folds: open every explanation for printing, then restore ---- */
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = all("main details:not([open])");
    folded.forEach((details) => (details.open = true));
  });
  window.addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)));

  /* ---- htmx: polling rests while nobody looks or somebody works in the part it would replace ---- */
  const inUse = (target) =>
    (target.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) ||
    one("input[type=checkbox]:checked", target) !== null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    const polling = !event.detail.requestConfig.triggeringEvent;
    if (polling && (document.hidden || inUse(event.detail.target))) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig?.triggeringEvent?.target;
    if (form?.dataset) delete form.dataset.sending;
  });
  document.addEventListener("htmx:afterSettle", () => start());
  document.addEventListener("htmx:sendError", () => announce("未能连接服务器，内容没有保存。请检查网络后重试。"));
  document.addEventListener("htmx:responseError", (event) => {
    const sentences = { 403: "没有权限办理这一步，请刷新页面后再看。", 404: "这条内容已不存在或已办结，请刷新页面。", 409: "别人刚刚改过这份内容，请刷新页面后再改。" };
    announce(sentences[event.detail.xhr.status] || "服务器没有办成这一步，请稍后重试；仍不行请联系绩效办。");
  });
  /* The server answers a draft with the header HX-Trigger: draft-saved. */
  document.addEventListener("draft-saved", () => { dirty = false; saveState(`草稿已自动保存 ${clock()}`); });

  const start = () => {
    all(".steps .current").forEach((step) => (step.parentElement.scrollLeft = step.offsetLeft - step.parentElement.clientWidth / 2 + step.clientWidth / 2));
    all("textarea[maxlength]").forEach(count);
    if (rows().length) showSelection();
    focusErrors();
  };
  start();
})();
