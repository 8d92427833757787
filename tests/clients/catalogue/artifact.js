// The page of an artifact: rating, links, history and lineage.
import { send, showError } from "./api.js";
import { artifactLink, externalLink, find, make, replace, showTime, spell } from "./dom.js";
import { drawLineage } from "./lineage.js";
const QUERY = `query ($id: ID!) { artifact(id: $id) {
  id type name url description license tags properties { key value } history(first: 10) { nodes { kind version at by { name } fields { field } } }
  lineage(direction: BOTH, depth: 3, first: 40) { complete edges { upstreamId downstreamId kind role }
    nodes { artifact { id name type } upstreamDistance downstreamDistance } }
  ... on Dataset { models { nodes { id name } } } ... on Code { models { nodes { id name } } }
  ... on Model { derivedModels { nodes { id name } } references { id kind role state targetId targetUrl targetName artifact { id name } }
    rating { netScore rampUpTime busFactor performanceClaims license datasetQuality codeQuality reproducibility reviewedness } } } }`;

export async function showArtifact(id, remove) {
  const data = await send(QUERY, { id }).catch(showError);
  if (!data || location.hash !== `#${id}`) return;
  replace(find("#artifact"), make("p", {}, make("a", { href: "#", id: "back" }, "← All models")),
    ...(data.artifact ? toSections(data.artifact, remove) : [make("h2", {}, "No such artifact is registered.")]));
}

function toSections(artifact, remove) {
  const { type, name, url, description, license, tags, properties, rating, references, history, lineage } = artifact;
  const dependents = (artifact.derivedModels ?? artifact.models)?.nodes ?? [];
  const scores = Object.entries(rating ?? {}).filter(([, score]) => score !== null);
  return [
    make("h2", {}, make("span", { class: `type ${type}` }, spell(type)), " ", make("bdi", {}, name)),
    make("button", { id: "delete", class: "danger", onclick: () => remove(artifact) }, "Delete"),
    make("p", {}, externalLink(url)), description && make("p", {}, description),
    make("dl", {}, ...[["License", license ?? "none stated"], ["Tags", tags.join(", ") || "none"],
      ...properties.map(({ key, value }) => [key, value])].map(toTerm)),
    type === "MODEL" && toSection("Rating", rating ? make("dl", {}, ...scores.map(toScore)) : "Not rated."),
    references && toSection("Built from", toList(references.map(toReference))),
    toSection(type === "MODEL" ? "Derived models" : "Models", toList(dependents.map((model) => [artifactLink(model)]))),
    lineage && toSection("Lineage", drawLineage(artifact, lineage)),
    history && toSection("History", toList(history.nodes.map(toChange))),
  ].filter(Boolean);
}

const toReference = ({ kind, role, state, artifact, targetName, targetUrl, targetId }) => [`${spell(role ?? kind)}: `,
  artifact ? artifactLink(artifact) : make("bdi", {}, targetName ?? targetUrl ?? targetId),
  state !== "RESOLVED" && make("em", {}, ` ${spell(state ?? "unknown")}`)];
const toChange = ({ kind, at, by, version, fields }) => [make("strong", {}, spell(kind)),
  ` as version ${version} by ${by?.name ?? "anonymous"}, `, showTime(at), `: ${fields.map(({ field }) => field).join(", ")}`];
const toSection = (title, ...content) => make("section", { "aria-label": title }, make("h3", {}, title), ...content);
const toList = (items) => (items.length ? make("ul", {}, ...items.map((item) => make("li", {}, ...item.filter(Boolean)))) : "None.");
const toTerm = ([key, ...values]) => make("div", {}, make("dt", {}, key), make("dd", {}, ...values));
const toScore = ([key, score]) => toTerm([spell(key.replace(/([A-Z])/g, " $1")), score.toFixed(2),
  score >= 0 && make("meter", { value: score, "aria-label": key })]);
