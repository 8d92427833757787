// Opens GraphiQL with examples that work on the sample data.
const examples = [
  `# Models, what they were trained on and with which code.
query ModelsWithLinks {
  models(first: 20) {
    nodes {
      name
      rating {
        netScore
      }
      dataset {
        name
        url
      }
      code {
        name
        url
      }
      baseModel {
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  `# Which models used this dataset?
query ModelsOfDataset {
  dataset(by: { name: "bookcorpus" }) {
    name
    url
    models(first: 20) {
      totalCount
      nodes {
        name
        url
      }
    }
  }
}
`,
  `# What was this model built from, two steps up?
query Lineage {
  model(by: { name: "distilbert/distilbert-base-uncased" }) {
    name
    lineage(depth: 2) {
      nodes {
        distance
        artifact {
          type
          name
        }
      }
      edges {
        upstream
        downstream
        kind
      }
      truncated
    }
  }
}
`,
];

const root = document.getElementById("explorer");
if (window.GraphiQL) {
  ReactDOM.createRoot(root).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
      defaultTabs: examples.map((query) => ({ query })),
      defaultEditorToolsVisibility: false,
    }),
  );
} else {
  root.textContent =
    "GraphiQL could not be loaded. Without the internet it needs: npm install --prefix graph/explorer";
}
