// The inputs of `train` and `evaluate`: a folder of images, a feature store, or a file of features.

import LayerTap
import TapFileSystem

extension ValueType where Value == Pooling {
  /// The name of a pooling that a user can choose for a column of a store.
  static let selectablePooling = ValueType(
    expectation: "one of \(Pooling.selectable.map(\.name).joined(separator: ", "))",
    choices: Pooling.selectable.map(\.name),
    parse: { text in Pooling.selectable.first { $0.name == text } }, show: { $0.name })
}

/// The source of labeled features.
enum DataInput {
  /// A folder of images, or a manifest: a list of images.
  case images(String)
  case store(String)
  /// A file of features; see `FeatureFile`.
  case matrix(String)

  static let parameter = Parameter<String>.positional(
    "data", .file,
    help: """
      A folder of images (one folder a class, or train/ and test/ above them), a list of images with labels \
      (.csv, .tsv, .jsonl; '-': standard input), a feature store, or a file of features: X.npy, X.npz, X.svm or X.csv.
      """)

  static let labels = Parameter<String?>.optional(
    "labels", .file, valueName: "file",
    topic: .data, isCommon: true,
    help: """
      A list (.csv, .tsv, .jsonl; '-': standard input) with path, label and, if wanted, split, group and weight. For a \
      file of features one line a row, in order.
      """
  ).alias("manifest")

  static let array = Parameter<String?>.optional(
    "array", .text, valueName: "name",
    topic: .data, help: "The array of an .npz that holds the features, where that is not plain.")

  static let labelName = Parameter<String?>.optional(
    "label-name", .text, valueName: "name", defaultText: "'label' of a CSV, 'y' of an .npz",
    topic: .data, help: "The array of an .npz, or the column of a CSV, that holds the labels.")

  static let weightName = Parameter<String?>.optional(
    "weight-name", .text, valueName: "name",
    defaultText: "'weight'; of an .npz also 'weights' or 'sample_weight'",
    topic: .data,
    help: "The array of an .npz, or the column of a CSV, that says how much each row counts in training.")

  static let indexBase = Parameter<Int?>.optional(
    "index-base", .integer(in: 0...1), valueName: "n",
    defaultText: "the model's, else 0 if an index is 0, else 1",
    topic: .data, help: "The index of the first column in SVMlight's text (.svm): 0 or 1.")

  /// The options that tell how to read a file of features, and which arrays or columns to read.
  static let reading: [ArgumentDeclaration] = [
    array.declaration, labelName.declaration, weightName.declaration, indexBase.declaration,
  ]

  /// The names of arrays and columns that the command line gives for a file of features.
  static func names(_ arguments: ParsedArguments) -> FeatureFile.Names {
    FeatureFile.Names(
      array: arguments[array], label: arguments[labelName], weight: arguments[weightName],
      indexBase: arguments[indexBase])
  }

  init(_ path: String) {
    if FeatureFile.kind(of: path) != nil {
      self = .matrix(path)
    } else if FileSystem.isDirectory(path), FeatureStore.exists(at: path) {
      self = .store(path)
    } else {
      self = .images(path)
    }
  }

  var path: String {
    switch self {
    case .images(let path), .store(let path), .matrix(let path): path
    }
  }

  /// The files that a command reads for this input: the data, and the table of labels. `--labels` names the table, or
  /// the table lies beside a matrix.
  func files(_ arguments: ParsedArguments) -> [String?] {
    var files = [path, arguments[Self.labels]]
    if case .matrix(let path) = self { files.append(LabeledFeatures.tableBeside(path)) }
    return files
  }

  /// Refuses options of images if the features already exist.
  func refuseImageOptions(_ arguments: ParsedArguments, _ declarations: [ArgumentDeclaration]) throws {
    if case .matrix = self {
    } else {
      for declaration in Self.reading where arguments.has(declaration) {
        throw UsageError.contradiction(
          "'\(declaration.flagName)' is for files of features, and \(path) is none")
      }
    }
    if case .images = self { return }
    // Groups apply to rows of features as well as to images.
    let listing = Options.lists.declarations.filter { $0.name != "group-by" }
    for declaration in declarations + listing where arguments.has(declaration) {
      throw UsageError.contradiction(
        "'\(declaration.flagName)' is for images; \(path) holds features that are computed already")
    }
  }

  /// The images of a folder or a manifest. Warnings about the list are printed.
  ///
  /// - Parameters:
  ///   - arguments: the arguments of a command that declares `labels` and `Options.lists`.
  ///   - holdsBack: whether some of the images are held out. Only then, a warning reports names that look like groups.
  static func imageList(
    _ path: String, _ arguments: ParsedArguments, _ console: Console, holdsBack: Bool
  ) throws -> ImageList {
    let settings = try Options.lists.value(arguments)
    let list = try ImageList(labeled: path, labels: arguments[Self.labels], settings)
    for warning in list.warnings { try console.warn(warning) }
    if holdsBack, let warning = list.familyWarning(settings) { try console.warn(warning) }
    return list
  }

  /// Puts rows of a store or a file into the groups of the command line, and prints the warnings about the groups.
  static func grouped(
    _ data: LabeledFeatures, _ arguments: ParsedArguments, _ console: Console, holdsBack: Bool
  ) throws -> LabeledFeatures {
    let settings = try Options.lists.value(arguments)
    let (data, warnings) = try data.grouped(by: settings)
    for warning in warnings + data.lookalikes { try console.warn(warning) }
    if holdsBack, let warning = data.familyWarning(settings) { try console.warn(warning) }
    return data
  }

  /// The features of a store's columns, for the images in the store's list.
  static func features(
    of store: FeatureStore, columns: [Column], _ console: Console
  ) throws -> LabeledFeatures {
    guard let items = try store.items() else { throw CommandError.storeWithoutItems(store.path) }
    try StoreList(store, items).warnOfRest(console)
    return try LabeledFeatures(items, in: store, columns: columns)
  }

  /// The columns of a store with the given layers and poolings. If `layers` is nil, all layers are taken. If `poolings`
  /// is nil, all poolings are taken.
  ///
  /// The store's table of layers gives the meaning of an alias. If the store has no such table, the built-in backbone
  /// of the same name gives the meaning.
  static func columns(
    of store: FeatureStore, layers: [String]?, poolings: [Pooling]?
  ) throws -> [Column] {
    let stored = store.columns.map(\.column)
    var columns: [Column] = []
    let table = store.layerTable() ?? (try? Architectures.layers(of: store.identity.backbone))
    for layer in layers ?? ["all"] {
      let tap = layer == "all" ? nil : table?.aliases[layer] ?? layer
      let matches = stored.filter { column in
        (tap == nil || column.tap == tap || column.name == layer)
          && (column.pooling == .none || poolings?.contains(column.pooling) ?? true)
      }
      guard !matches.isEmpty else {
        throw CommandError.noSuchStoredLayer(layer, available: stored.map(\.name))
      }
      columns += matches.filter { !columns.contains($0) }
    }
    return columns
  }
}
