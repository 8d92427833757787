// The dialog that registers a model, with the names of datasets and models completed.
import { send, showError } from "./api.js";
import { find, make } from "./dom.js";
const REGISTER = `mutation ($input: RegisterModelInput!) { registerModel(input: $input) {
  model { id } userErrors { message field artifact { id name } } } }`;
const [dialog, form, problem] = [find("#registration"), find("#registration form"), find("#registration-problem")];
function complete(input) {
  const list = input.dataset.suggest;
  let [timer, controller] = [0, new AbortController()];
  const suggest = async () => {
    const query = `query ($typed: String) { ${list}(search: $typed, first: 8) { nodes { name } } }`;
    const data = await send(query, { typed: input.value }, controller.signal).catch(showError);
    const names = data?.[list]?.nodes.map(({ name }) => name) ?? [];
    input.list.replaceChildren(...names.map((name) => make("option", { value: name })));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    controller.abort();
    controller = new AbortController();
    timer = setTimeout(suggest, 150);
    if (input.nextElementSibling) return;
    input.after(Object.assign(input.cloneNode(), { value: "" })); // room for one more
    complete(input.nextElementSibling);
  });
}

function readInput() {
  const data = new FormData(form);
  const readNames = (field) => data.getAll(field).filter(Boolean).map((name) => ({ name }));
  return { url: data.get("url"), name: data.get("name") || null, license: data.get("license") || null,
    tags: data.get("tags").split(",").map((tag) => tag.trim()).filter(Boolean),
    datasets: readNames("datasets"), baseModels: readNames("baseModels") };
}

function showProblems(errors) {
  for (const input of form.elements) input.removeAttribute("aria-invalid");
  problem.replaceChildren(...errors.map(({ message, field, artifact }) => {
    const inputs = [...form.querySelectorAll(`[name="${field?.[1]}"]`)];
    (inputs.filter(({ value }) => value)[field?.[3] ? field[2] : 0] ?? inputs[0])?.setAttribute("aria-invalid", "true");
    const link = artifact && make("a", { href: `#${artifact.id}`, onclick: () => dialog.close() }, artifact.name);
    return make("span", {}, field ? `${field[1]}: ` : "", message, " ", link);
  }));
  form.querySelector("[aria-invalid]")?.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await send(REGISTER, { input: readInput() }).catch((error) => showProblems([error]));
  if (answer) showProblems(answer.registerModel.userErrors);
  if (!answer?.registerModel.model) return;
  location.hash = answer.registerModel.model.id;
  dialog.close();
  form.reset();
});
form.querySelectorAll("[data-suggest]").forEach(complete);
find("[value=cancel]").onclick = () => dialog.close();
find("#register").onclick = () => { showProblems([]); dialog.showModal(); };
