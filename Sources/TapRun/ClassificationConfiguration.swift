// The contents of a pipeline file with the task "classify".

import TapSettings

/// Images to classify, and the backbone that classifies them by its own classes.
public struct ClassificationConfiguration: Hashable, Sendable {
  /// Image files and folders of them.
  public var images: [String]
  /// The files that are taken from folders.
  public var list = ListSettings()
  /// A built-in name or a checkpoint's path.
  public var backbone: String
  /// The network of a checkpoint whose tensors fit several networks; nil: the network is inferred from the file.
  public var architecture: String?
  /// Changes in the backbone's preprocessing.
  public var changes: PreprocessingChanges
  /// The number of classes that are named for each image.
  public var top: Int
  /// The path for the classes, CSV or JSON by the file's ending; nil prints them.
  public var output: String?

  init(_ fields: ConfigurationReader) throws(RunError) {
    try fields.allow(
      ["task", "images", "backbone", "architecture", "top", "output"] + ListSettings.fileSettings.map(\.name)
        + ExtractionSettings.preprocessingSettings.map(\.name))
    guard let images = try fields.paths("images") else {
      throw fields.missing("images", "an image file, a folder of them, or a list of such")
    }
    self.images = images
    list = try fields.settings(over: ListSettings())
    backbone = try fields.backbone()
    let settings = try fields.settings(over: ExtractionSettings())
    (architecture, changes) = (settings.architecture, settings.changes)
    top = try fields.integer("top", in: 1...1000) ?? 5
    output = try fields.path("output")
    if let output, !output.hasSuffix(".csv"), !output.hasSuffix(".json") {
      throw fields.error("output", "expected a file ending in .csv or .json, found \"\(output)\"")
    }
  }
}
