// An artifact as resolvers read it: attributes of its item are decoded on access.

export class Artifact {
  #document;

  constructor(item) {
    this.item = item;
  }

  get id() {
    return this.item.artifact_id.S;
  }

  get type() {
    return this.item.artifact_type.S.toUpperCase();
  }

  get name() {
    return this.#parsed.metadata.name;
  }

  get url() {
    return this.item.url.S;
  }

  get downloadUrl() {
    return this.#parsed.data.download_url;
  }

  get license() {
    return this.item.license?.S;
  }

  get tags() {
    return this.item.tags?.L.map((tag) => tag.S) ?? [];
  }

  get version() {
    return Number(this.item.version.N);
  }

  get createdAt() {
    return new Date(this.item.created_at.S).toISOString();
  }

  get updatedAt() {
    return new Date(this.item.updated_at.S).toISOString();
  }

  get rating() {
    return this.item.rating && JSON.parse(this.item.rating.S);
  }

  /** What the model asked for: [kind, by, value, hint, ...]. */
  get references() {
    return this.item.references ? JSON.parse(this.item.references.S) : [];
  }

  get #parsed() {
    return (this.#document ??= JSON.parse(this.item.artifact.S));
  }
}
