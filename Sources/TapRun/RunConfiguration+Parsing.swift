// Reads the pipeline file of a comparison and checks every field. Documentation/Pipelines.md lists the fields.

import TapComparison
import TapFormats
import TapSettings

extension RunConfiguration {
  /// Reads the pipeline file of a comparison. A relative path in the file starts at the folder of the file.
  ///
  /// - Throws: ``RunError/configuration(file:line:field:problem:)`` for bad syntax, unknown fields, values of the wrong
  /// type or out of range, or another task; ``RunError/file(_:)`` if the file cannot be read.
  public init(contentsOf path: String) throws(RunError) {
    guard case .compare(let configuration) = try PipelineFile(contentsOf: path) else {
      throw .configuration(file: path, line: 1, field: "task", problem: "expected \"compare\"")
    }
    self = configuration
  }

  /// The fields that are not settings of extraction or training.
  package static let ownFields = [
    "$schema", "task", "name", "images", "labels", "limit", "store", "baselines", "combine", "learningCurve",
    "report", "record", "model",
  ]

  init(_ fields: ConfigurationReader, hash: Digest) throws(RunError) {
    let extraction = ExtractionSettings.fileSettings.map(\.name)
    let training = TrainingSettings.settings.map(\.name)
    let list = ListSettings.settings.map(\.name) + DuplicateSettings.settings.map(\.name)
    try fields.allow(Self.ownFields + list + extraction + training)
    guard let images = try fields.path("images") else {
      throw fields.missing("images", "the folder with the images")
    }
    guard fields.has("layers") else {
      throw fields.missing("layers", "a list of layers to compare; 'layertap layers' shows their names")
    }
    name = try fields.string("name") ?? fields.fileStem
    self.images = images
    labels = try fields.path("labels")
    self.list = try fields.settings(over: ListSettings())
    duplicates = try fields.settings(over: DuplicateSettings())
    backbones = try fields.backbones()
    self.extraction = try fields.extractionSettings()
    (self.training, comparesNeighbors) = try fields.comparedSettings()
    combinedColumns = try fields.integer("combine", in: 2...3) ?? 1
    store = try fields.path("store") ?? fields.defaultStore
    limit = try fields.integer("limit", in: 1...Int.max)
    baselines = try Self.baselines(fields)
    if backbones.count > 1, baselines.random != nil {
      throw fields.error("baselines", "random weights are a baseline of one backbone, and \"backbone\" names several")
    }
    learningCurve = try Self.learningCurve(fields)
    report = try fields.path("report")
    record = try fields.path("record")
    model = try fields.path("model")
    fileHash = hash.hex
  }

  private static func learningCurve(
    _ fields: ConfigurationReader
  ) throws(RunError) -> ComparisonRunner.CurveSettings? {
    guard let curve = try fields.object("learningCurve") else { return nil }
    try curve.allow(["imagesPerClass", "draws"])
    var settings = ComparisonRunner.CurveSettings()
    settings.sizes = try curve.value("imagesPerClass", "a list of integers from 1 up") { value -> [Int]? in
      let sizes = value.arrayValue?.compactMap(\.intValue).filter { $0 >= 1 } ?? []
      return sizes.isEmpty || sizes.count < value.arrayValue?.count ?? 0 ? nil : sizes
    }
    settings.draws = try curve.integer("draws", in: 1...1000) ?? settings.draws
    return settings
  }

  private static func baselines(_ fields: ConfigurationReader) throws(RunError) -> Baselines {
    guard let baselines = try fields.object("baselines") else { return Baselines() }
    try baselines.allow(["pixels", "random"])
    var result = Baselines()
    if let pixels = try baselines.object("pixels") {
      try pixels.allow(["size"])
      guard let size = try pixels.integer("size", in: 1...512) else {
        throw pixels.missing("size", "the side to which images are squashed")
      }
      result.pixels = size
    }
    if let random = try baselines.object("random") {
      try random.allow(["seed"])
      result.random =
        try random.value("seed", SettingValues.seed.expectation, read: \.seedValue) ?? 0
    }
    return result
  }
}

extension ExtractionSettings {
  /// The fields that a pipeline file can state. The file names layers and poolings, never exact columns.
  package static let fileSettings = backboneSettings + preprocessingSettings
}
