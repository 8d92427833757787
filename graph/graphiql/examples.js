// The queries in the explorer's tabs when it is opened first. They work on the sample data.
export const examples = [
  `# List models with their datasets, code and base models.
query ModelsWithLinks {
  models(first: 20) {
    nodes {
      id
      name
      rating {
        netScore
      }
      dataset {
        id
        name
        url
      }
      code {
        id
        name
        url
      }
      baseModel {
        id
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
  `# List the models that were trained on a dataset.
query ModelsOfDataset {
  dataset(by: { name: "bookcorpus" }) {
    id
    name
    url
    models(first: 20) {
      totalCount
      nodes {
        id
        name
        url
      }
    }
  }
}
`,
  `# Show what a model was built from, in two steps. "Draw the lineage" shows the answer as a drawing.
query LineageOfModel {
  model(by: { name: "distilbert/distilbert-base-uncased-finetuned-sst-2-english" }) {
    id
    type
    name
    url
    lineage(direction: UPSTREAM, depth: 2) {
      nodes {
        upstreamDistance
        artifact {
          id
          type
          name
          url
        }
      }
      edges {
        upstreamId
        downstreamId
        kind
        role
      }
      complete
    }
  }
}
`,
  `# Register a model with a rating. Change the input and run it again to update the model.
# To rate a registered model by its id, use the mutation rateModel.
mutation RegisterAndRate {
  registerModel(
    onConflict: UPDATE
    input: {
      url: "https://huggingface.co/distilbert/distilroberta-base"
      license: "apache-2.0"
      datasets: [{ name: "openwebtext" }]
      codes: [{ url: "https://github.com/huggingface/transformers" }]
      baseModels: [{ name: "FacebookAI/roberta-base" }]
      rating: {
        name: "distilbert/distilroberta-base"
        category: "MODEL"
        netScore: 0.77
        netScoreLatency: 0.41
        rampUpTime: 0.9
        rampUpTimeLatency: 0.12
        busFactor: 0.8
        busFactorLatency: 0.11
        performanceClaims: 0.92
        performanceClaimsLatency: 0.19
        license: 1
        licenseLatency: 0.09
        datasetAndCodeScore: 1
        datasetAndCodeScoreLatency: 0.21
        datasetQuality: 0.7
        datasetQualityLatency: 0.16
        codeQuality: 0.7
        codeQualityLatency: 0.13
        reproducibility: 0.5
        reproducibilityLatency: 0.17
        reviewedness: -1
        reviewednessLatency: 0.14
        treeScore: 0.83
        treeScoreLatency: 0.11
        sizeScore: { raspberryPi: 0.3, jetsonNano: 0.4, desktopPc: 0.95, awsServer: 1 }
        sizeScoreLatency: 0.05
      }
    }
  ) {
    model {
      id
      name
      version
      rating {
        netScore
      }
      dataset {
        id
        name
      }
      code {
        id
        name
      }
      baseModel {
        id
        name
      }
    }
    userErrors {
      code
      message
      field
    }
  }
}
`,
  `# Search artifacts of any type, and count their types and tags.
query Search {
  artifacts(search: "roberta", first: 10) {
    totalCount
    nodes {
      id
      type
      name
      url
    }
    facets(by: [{ field: TYPE }, { field: TAG, first: 5 }]) {
      field
      values {
        value
        count
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
];
