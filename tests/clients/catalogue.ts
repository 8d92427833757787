// Uses the code that graphql-codegen generates. If it compiles, the generated types are right.
import { useFragment } from "./generated/typescript/fragment-masking.js";
import {
  ModelSummaryFragmentDoc,
  ModelsPageDocument,
  type ModelsPageQuery,
} from "./generated/typescript/graphql.js";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

export const document: TypedDocumentNode<ModelsPageQuery> = ModelsPageDocument;

export function titles(page: ModelsPageQuery): string[] {
  return (page.models?.nodes ?? []).map((model) => {
    const { name, license } = useFragment(ModelSummaryFragmentDoc, model);
    const score: number = model.rating?.netScore ?? 0;
    return `${name} (${license ?? "no license"}), ${score}, ${model.dataset?.name ?? "no data"}`;
  });
}

// @ts-expect-error -- the dataset of a model can be null
export const unchecked = (page: ModelsPageQuery) => page.models!.nodes[0].dataset.name;
