// A list of models as Relay components declare it: a query with a paginated fragment.
import { graphql } from "relay-runtime";

export const catalogue = graphql`
  query modelsQuery($count: Int!) {
    ...models_page @arguments(count: $count)
  }
`;

export const page = graphql`
  fragment models_page on Query
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
  @refetchable(queryName: "modelsPaginationQuery") {
    models(first: $count, after: $cursor) @connection(key: "models_models") {
      edges {
        node {
          id
          name
          ...models_row
        }
      }
    }
  }
`;

export const row = graphql`
  fragment models_row on Model {
    updatedAt
    dataset {
      name
      url
    }
    baseModel {
      name
    }
  }
`;
