// `layertap similar`: the images of a store that are most similar to given images.

import LayerTap
import TapFormats
import TapText

private enum SimilarOptions {
  static let store = Parameter<String>.positional(
    "store", .folder, help: "A feature store, or a folder that holds one.")

  static let images = Parameter<[String]>.positionals(
    "images", .file, help: "The images to compare with, as files.")

  static let layers = Parameter<[String]>.list(
    "layers", .text, default: ["all"], topic: .features, isCommon: true,
    help: "The layer to compare, if the store has several.")

  static let poolings = Parameter<[Pooling]>.list(
    "pool", .selectablePooling, default: Pooling.selectable, topic: .features, isCommon: true,
    help: "The pooling to compare, if the store has several.")

  static let count = Parameter<Int>.option(
    "count", short: "n", .integer(atLeast: 1), valueName: "n", default: 5, topic: .output, isCommon: true,
    help: "How many images of the store are shown for each image.")

  static let format = Options.format(["text", "json"])
}

extension Command {
  package static let similar = Command(
    "similar", overview: "Find the images of a store that are most similar to given images.",
    discussion: """
      The similarity is the cosine of the features, compared with every image of the store's list. Images of the same \
      bytes are shown once. The backbone is that of the store.

        layertap similar layertap-store new/1.jpg --layers penultimate
      """,
    parameters: [
      SimilarOptions.store.declaration, SimilarOptions.images.declaration, SimilarOptions.layers.declaration,
      SimilarOptions.poolings.declaration, SimilarOptions.count.declaration,
    ] + Options.backbone.declarations + [
      SimilarOptions.format.declaration, Options.threads.declaration,
    ]
  ) { arguments, console in
    try SimilarRun(arguments, console).run()
  }
}

/// One run of the command.
private struct SimilarRun {
  let arguments: ParsedArguments
  let console: Console
  let store: FeatureStore
  let column: Column

  /// An image with the most similar images of the store.
  struct Found {
    let path: String
    let neighbors: [(cosine: Double, item: ImageItem)]
  }

  init(_ arguments: ParsedArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    store = try FeatureStore(path: arguments[SimilarOptions.store])
    let columns = try DataInput.columns(
      of: store, layers: arguments[SimilarOptions.layers], poolings: arguments[SimilarOptions.poolings])
    guard columns.count == 1 else {
      let names = columns.map(\.name).joined(separator: ", ")
      throw UsageError.contradiction(
        "\(store.path) has \(columns.count) columns of these layers and poolings, \(names): name one with --layers and "
          + "--pool")
    }
    column = columns[0]
  }

  func run() throws {
    guard let items = try store.items() else { throw CommandError.storeWithoutItems(store.path) }
    try StoreList(store, items).warnOfRest(console)
    let found = try search(items)
    if arguments[SimilarOptions.format] == "json" {
      console.print(json(found).pretty)
    } else {
      console.print(text(found))
    }
  }

  private func search(_ items: [StoredItem]) throws -> [Found] {
    let paths = arguments[SimilarOptions.images]
    let extractor = try ImageFeatureExtractor(
      backbone(), layers: [column.tap], poolings: column.pooling == .none ? [.avg] : [column.pooling],
      threads: arguments[Options.threads])
    let queries = try extractor.features(of: .files(paths)).matrices[0]
    // An item with the bytes of an earlier one has the same row.
    var first: [Int: ImageItem] = [:]
    for item in items.reversed() { if let row = item.row { first[row] = item.item } }
    let neighbors = NearestRows.nearest(
      to: queries, in: try store.matrix(column), rows: first.keys.sorted(),
      count: arguments[SimilarOptions.count], threads: arguments[Options.threads] ?? Threads.available)
    return paths.indices.map { index in
      Found(
        path: paths[index],
        neighbors: neighbors[index].compactMap { neighbor in first[neighbor.row].map { (neighbor.cosine, $0) } })
    }
  }

  /// The backbone that computed the features of the store.
  ///
  /// - Throws: ``FeatureError/otherIdentity(path:differences:)`` if the weights that are found are others.
  private func backbone() throws -> Backbone {
    let given = try Options.extraction([Options.backbone], arguments)
    let isGiven = Options.backbone.firstGiven(arguments) != nil
    let loaded = try Backbone.loadWithOrigin(
      isGiven ? given.backbone : store.identity.backbone, architecture: given.architecture)
    let backbone = loaded.backbone.withPreprocessingAndAlgorithms(of: store.identity)
    let identity = BackboneIdentity(backbone)
    guard identity.hash == store.identity.hash else {
      throw FeatureError.otherIdentity(
        path: store.path, differences: store.identity.differences(from: identity))
    }
    return backbone
  }

  private func text(_ found: [Found]) -> String {
    let parts = found.map { found -> String in
      var table = TextTable([("", .left), ("cosine", .right), ("image", .left), ("label", .left)])
      for neighbor in found.neighbors {
        table.add([
          "", NumberText.fixed(neighbor.cosine, digits: 4), neighbor.item.path, neighbor.item.label ?? "",
        ])
      }
      return found.path + "\n" + table.text
    }
    return parts.joined(separator: "\n\n")
  }

  private func json(_ found: [Found]) -> JSONValue {
    let images = found.map { found -> JSONValue in
      let similar = found.neighbors.map { neighbor -> JSONValue in
        .object([
          "path": .string(neighbor.item.path), "cosine": .number(neighbor.cosine),
          "label": neighbor.item.label.map(JSONValue.string) ?? .null,
        ])
      }
      return .object(["path": .string(found.path), "similar": .array(similar)])
    }
    return .object([
      "column": .string(column.name), "images": .array(images),
      "warnings": .array(console.warnings.map(JSONValue.string)),
    ])
  }
}
