// Two queries that select different fields of the same lists and artifacts, and what changes them.
// Relay's store knows an item of a list that has no id by its place in the list: such items are
// selected whole, or an item could be mixed with another one.
import { graphql } from "relay-runtime";

export const first = graphql`
  query cachesFirstQuery($model: ID!, $dataset: ID!, $code: ID!) {
    artifacts(first: 100) { totalCount nodes { id name version } pageInfo { hasNextPage } }
    models(first: 100) {
      totalCount
      nodes { id name version }
      facets(by: [{ field: TAG }]) { field key values { value count } }
    }
    datasets(first: 100) { totalCount nodes { id name } pageInfo { hasNextPage endCursor } }
    codes(first: 100) { totalCount edges { cursor node { id name } } }
    model(by: { id: $model }) {
      id url tags properties { key value } createdBy { name issuer }
      dataset { id name } datasets { id url } baseModel { id name }
      rating { netScore busFactor ratedBy { name } }
      references { id kind role state targetId targetUrl targetName artifact { id name } }
      history(first: 5) { nodes { id kind version fields { field before after } } }
      lineage(direction: BOTH, depth: 2) {
        root { id }
        nodes { artifact { id name } upstreamDistance downstreamDistance }
        edges { upstreamId downstreamId kind role }
      }
      provenance { complete licenses { license artifacts { id name } } references { id kind } }
    }
    node(id: $code) { id ... on Code { name license } }
    dataset(by: { id: $dataset }) { id name models(first: 10) { totalCount nodes { id name } } }
    nodes(ids: [$dataset, $code]) { id ... on Artifact { name } }
    recentChanges(first: 5) { nodes { id kind name artifact { id name } } }
    deletionImpact(id: $dataset) { artifact { id name } models(first: 5) { nodes { id name } } }
    lineagePaths(from: $dataset, to: $model) {
      complete
      paths { artifacts { id name } edges { upstreamId downstreamId kind role } }
    }
    viewer { name role }
  }
`;

export const second = graphql`
  query cachesSecondQuery($model: ID!, $dataset: ID!, $code: ID!) {
    artifacts(first: 100) { edges { cursor node { id url } } nodes { id updatedAt } }
    models(first: 100) { edges { cursor node { id license } } nodes { id url } }
    datasets(first: 100) { totalCount nodes { id url updatedAt } pageInfo { startCursor } }
    codes(first: 100) { totalCount edges { cursor node { id version } } }
    model(by: { id: $model }) {
      id name version license properties { key value } updatedBy { name }
      datasets { id version } code { id url } codes { id name } baseModels { id version }
      rating { busFactor ratedAt sizeScore { desktopPc } }
      references { id revision model { id name } originalArtifact { id version } }
      history(first: 5) { edges { cursor node { id at requestId } } nodes { id by { name } } }
      lineage(direction: BOTH, depth: 2) {
        complete
        nodes { artifact { id url } upstreamDistance downstreamDistance }
        edges { upstreamId downstreamId kind role }
      }
      provenance { allResolved lowestNetScore references { id state } }
      derivedModels(first: 10) { nodes { id name } }
    }
    node(id: $code) { id ... on Code { version models(first: 10) { nodes { id version } } } }
    dataset(by: { id: $dataset }) { id license models(first: 10) { edges { cursor node { id } } } }
    nodes(ids: [$dataset, $code]) { id ... on Artifact { url version } }
    recentChanges(first: 5) { nodes { id version at } pageInfo { hasNextPage } }
    deletionImpact(id: $dataset) { artifact { id url } successor { id } }
    lineagePaths(from: $dataset, to: $model) {
      paths { artifacts { id url } edges { upstreamId downstreamId kind role } }
    }
    viewer { issuer }
  }
`;

export const rename = graphql`
  mutation cachesRenameMutation($id: ID!, $name: String!) {
    updateModel(id: $id, input: { name: $name, rating: { netScore: 0.25 } }) {
      outcome
      model {
        id name version
        rating { netScore busFactor ratedAt ratedBy { name } sizeScore { desktopPc } }
      }
      userErrors { message field }
    }
  }
`;

export const changes = graphql`
  subscription cachesChangesSubscription($after: String) {
    changes(after: $after) {
      changes { id kind name version artifactId artifact { id name version license } }
      cursor
      hasMore
    }
  }
`;
