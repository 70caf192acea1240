// The contents of a pipeline file with the task "classify".

import TapSettings

/// Images to classify, and the backbone that classifies the images by its own classes.
public struct ClassificationRunConfiguration: Hashable, Sendable {
  /// The paths of image files and of folders with image files.
  public var images: [String]
  /// The settings that choose files from folders.
  public var list = ListSettings()
  /// The name of a built-in backbone, or the path of a checkpoint.
  public var backbone: String
  /// The name of the network, for a checkpoint whose tensors fit several networks. With nil, the network is inferred
  /// from the file.
  public var architecture: String?
  /// The changes to the backbone's preprocessing.
  public var changes: PreprocessingChanges
  /// The number of classes to name for each image.
  public var top: Int
  /// The path of the output. The ending of the path decides between CSV and JSON. With nil, the classes are printed.
  public var output: String?

  init(_ fields: ConfigurationReader) throws(RunError) {
    try fields.allow(
      ["$schema", "task", "images", "backbone", "architecture", "top", "output"] + ListSettings.fileSettings.map(\.name)
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
