// `layertap similarity`: what layers hold, and how similar they are.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports
import TapText

extension Command {
  package static let similarity = Command(
    "similarity", overview: "Show how similar layers are, and what they hold, with or without labels.",
    discussion: """
      Linear CKA (unbiased) for each pair of columns, the effective rank of each column, and the separation of the \
      classes if there are labels. Several stores compare backbones, by the images that all of them have.

        layertap similarity photos
        layertap similarity store-a store-b --format json
        layertap similarity photos --matrices out --spearman --with judgments.npy
      """,
    parameters: [
      SimilarityOptions.images.declaration, ImageArguments.labels.declaration,
    ] + Options.lists.declarations + Options.comparedFeatures.declarations + [
      SimilarityOptions.measure.declaration, SimilarityOptions.matrices.declaration,
      SimilarityOptions.spearman.declaration, SimilarityOptions.given.declaration, Options.limit.declaration,
    ] + Options.seed.declarations + [SimilarityOptions.format.declaration, Options.output.declaration]
      + Options.storing + Options.preprocessing.declarations
  ) { arguments, console in
    try SimilarityRun(arguments, console).run()
  }
}

private enum SimilarityOptions {
  static let images = Parameter<[String]>.positionals(
    "images", .file, isRequired: false,
    help: """
      Feature stores of the same images; or folders of images and image files, or a list of them (.csv, .tsv, .jsonl, \
      .txt; '-': standard input).
      """
  ).unless("labels")

  static let measure = Parameter<Dissimilarity>.option(
    "measure", .choice, default: .correlation, topic: .evaluation,
    help: "The dissimilarity of two images: 1 - Pearson's correlation, 1 - cosine, or the Euclidean distance.")

  static let matrices = Parameter<String?>.optional(
    "matrices", .folder, valueName: "dir", topic: .output,
    help: """
      Also write each column's dissimilarities of images as dir/<column>.npy, float64 [images, images], and their \
      images as dir/items.csv.
      """)

  static let spearman = Parameter<Bool>.flag(
    "spearman", topic: .evaluation,
    help: "Also compare the dissimilarities of each pair of columns, by Spearman's correlation.")

  static let given = Parameter<String?>.optional(
    "with", .file, valueName: "file", topic: .evaluation,
    help: """
      Also compare each column's dissimilarities with those of a .npy file, by Spearman's correlation: a symmetric \
      matrix in the order of the images, or SciPy's condensed form.
      """)

  static let format = Options.format(["text", "csv", "json"])
}

/// One run of the command.
private struct SimilarityRun {
  let arguments: ParsedArguments
  let console: Console

  init(_ arguments: ParsedArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    let matrices = arguments[SimilarityOptions.matrices]
    if let matrices, FileSystem.exists(matrices), !FileSystem.isDirectory(matrices) {
      throw UsageError.contradiction("'--matrices' writes into a folder, and \(matrices) is a file")
    }
    if let output = arguments[Options.output] { try FileSystem.requireWritable(output) }
    if let given = arguments[SimilarityOptions.given], !FileSystem.exists(given) {
      throw FileSystemError.missing(given)
    }
  }

  func run() throws {
    let images = try images()
    let given = try arguments[SimilarityOptions.given].map {
      try DissimilarityComparison.read($0, images: images.items.count)
    }
    let line = ProgressLine("measuring", unit: "columns", console: console)
    defer { line.finish() }
    let similarity = try LayerSimilarity(images, threads: arguments[Options.threads] ?? Threads.available) {
      line.update($0, of: images.columns.count)
    }
    line.finish()
    let tiles = images.columns.map { DissimilarityTiles($0, arguments[SimilarityOptions.measure]) }
    let written = try write(tiles, images)
    let isCompared = arguments[SimilarityOptions.spearman] || given != nil
    let comparison =
      isCompared
      ? try DissimilarityComparison(
        tiles, given: given, threads: arguments[Options.threads] ?? Threads.available) : nil
    try deliver(similarity, comparison, written)
  }

  // MARK: - Images

  private func images() throws -> SimilarityImages {
    let paths = arguments[SimilarityOptions.images]
    let stores = paths.filter { FileSystem.isDirectory($0) && FeatureStore.exists(at: $0) }
    guard stores.isEmpty || stores.count == paths.count else {
      let other = paths.first { !stores.contains($0) } ?? ""
      throw UsageError.contradiction(
        "\(stores[0]) is a feature store, and \(other) is none: name only stores, or only images")
    }
    if stores.isEmpty { return try extracted() }
    let named = try Options.comparedFeatures.given(arguments)
    let ofImages =
      [ImageArguments.labels.declaration] + Options.preprocessing.declarations
      + Options.comparedFeatures.declarations.filter { ["backbone", "architecture"].contains($0.name) }
    for declaration in ofImages where arguments.has(declaration) {
      throw UsageError.contradiction(
        "'\(declaration.flagName)' is for images; \(stores[0]) holds features that are computed already")
    }
    guard case .named(let layers, let poolings) = try Options.comparedFeatures.value(arguments).columns else {
      preconditionFailure("a command line names layers")
    }
    let opened = try stores.map { try FeatureStore(path: $0) }
    guard let items = try opened[0].items() else { throw CommandError.storeWithoutItems(opened[0].path) }
    try StoreList(opened[0], items).warnOfRest(console)
    return try chosen(
      items,
      try opened.map { store in
        let columns = try DataInput.columns(
          of: store, layers: named["layers"] == nil ? nil : layers,
          poolings: named["pool"] == nil ? nil : poolings)
        return SimilarityImages.Source(store, columns: try columns.map { try store.stored($0) })
      })
  }

  private func extracted() throws -> SimilarityImages {
    let list = try ImageArguments.list(arguments, console)
    let asked = try Options.comparedFeatures.value(arguments).columns
    let backbone = try Options.loadBackbone(arguments, console, for: asked)
    let columns = try backbone.columns(asked)
    let drawn = try arguments[Options.limit].map { list.drawn($0, seed: try Options.seed.value(arguments).seed) }
    let task = try ExtractionTask(
      drawn ?? list, backbone: backbone, columns: columns, arguments, console, recordsList: false)
    let extraction = try task.run()
    let store = extraction.store
    return try chosen(
      extraction.items, [SimilarityImages.Source(store, columns: try columns.map { try store.stored($0) })])
  }

  /// The images that all stores have, at most as many as the command line allows. Warns about the others.
  private func chosen(
    _ items: [StoredItem], _ sources: [SimilarityImages.Source]
  ) throws -> SimilarityImages {
    let (limit, seed) = (arguments[Options.limit], try Options.seed.value(arguments).seed)
    let images = try SimilarityImages(items, sources) { items in
      guard let limit, limit < items.count else { return items }
      let drawn = Set(ImageList(items: items.map(\.item)).drawn(limit, seed: seed).items)
      return items.filter { drawn.contains($0.item) }
    }
    if images.repeated > 0 {
      try console.warn(
        "\(NumberText.grouped(images.repeated)) images have the same bytes as an earlier one and are left out")
    }
    if images.missing > 0 {
      try console.warn(
        "\(NumberText.grouped(images.missing)) images have no features in another of the stores and are left out")
    }
    return images
  }

  // MARK: - Results

  /// Writes the matrices of dissimilarities and the table of their images. Returns the paths.
  private func write(_ tiles: [DissimilarityTiles], _ images: SimilarityImages) throws -> [String] {
    guard let folder = arguments[SimilarityOptions.matrices] else { return [] }
    try FileSystem.createDirectories(folder)
    var paths: [String] = []
    let line = ProgressLine("writing", unit: "matrices", console: console)
    defer { line.finish() }
    for (column, tiles) in zip(images.columns, tiles) {
      let name = String(column.name.map { $0 == "/" ? "_" : $0 })
      let path = FileSystem.join(folder, name + ".npy")
      try tiles.write(to: path, threads: arguments[Options.threads] ?? Threads.available)
      paths.append(path)
      line.update(paths.count, of: images.columns.count)
    }
    let table = FileSystem.join(folder, "items.csv")
    var text = CSV.line(["path", "label"])
    for item in images.items { text += CSV.line([item.item.path, item.item.label ?? ""]) }
    try AtomicWriter.replace(table, with: text)
    return paths + [table]
  }

  private func deliver(
    _ similarity: LayerSimilarity, _ comparison: DissimilarityComparison?, _ written: [String]
  ) throws {
    let format = arguments[SimilarityOptions.format]
    let result =
      switch format {
      case "csv": similarity.csv
      case "json": json(similarity, comparison, written).pretty + "\n"
      default: text(similarity, comparison, written) + "\n"
      }
    if let output = arguments[Options.output] {
      try OutputPaths.write(result, to: output)
    } else {
      console.print(result, terminator: "")
    }
  }

  private func text(
    _ similarity: LayerSimilarity, _ comparison: DissimilarityComparison?, _ written: [String]
  ) -> String {
    var parts = [similarity.text]
    let measure = arguments[SimilarityOptions.measure].rawValue
    if let comparison {
      parts += [
        "Spearman's correlation of the dissimilarities of images (\(measure))",
        similarity.pairTable(comparison.columns).text,
      ]
      if let given = comparison.given {
        var table = TextTable([("", .right), ("column", .left), ("with the given matrix", .right)])
        for (index, value) in given.enumerated() {
          table.add([
            "\(index + 1)", similarity.entries[index].name,
            value.map { NumberText.fixed($0, digits: 3) } ?? "-",
          ])
        }
        parts.append(table.text)
      }
    }
    if !written.isEmpty { parts.append(written.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }

  private func json(
    _ similarity: LayerSimilarity, _ comparison: DissimilarityComparison?, _ written: [String]
  ) -> JSONValue {
    var more: [String: JSONValue] = [
      "outputs": .array(written.map(JSONValue.string)),
      "measure": .string(arguments[SimilarityOptions.measure].rawValue),
    ]
    if let comparison {
      more["spearman"] = LayerSimilarity.json(comparison.columns)
      more["spearmanWithGiven"] =
        comparison.given.map { .array($0.map { $0.map(JSONValue.number) ?? .null }) } ?? .null
    }
    return similarity.json(more, warnings: console.warnings)
  }
}
