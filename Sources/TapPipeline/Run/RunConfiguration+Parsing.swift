// Reading a pipeline file: JSON5, every field checked. Documentation/Pipelines.md lists the fields.

import TapFileSystem
import TapFormats
import TapLinear
import TapProvenance

extension RunConfiguration {
  /// Reads a pipeline file. Relative paths in it are relative to its own folder.
  ///
  /// - Throws: ``RunError/configuration(file:line:field:problem:)`` for bad syntax, unknown fields,
  ///   values of the wrong type or out of range; ``RunError/file(_:)`` when the file cannot be read.
  public init(contentsOf path: String) throws(RunError) {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path) } catch { throw .file(error) }
    try self.init(bytes, file: path)
  }

  init(_ bytes: [UInt8], file: String) throws(RunError) {
    let document: JSONDocument
    do { document = try JSONDocument(bytes, json5: true) } catch {
      throw .syntax(file: file, error)
    }
    let fields = try ConfigurationReader(document, file: file)
    try fields.allow([
      "name", "images", "manifest", "backbone", "size", "resize", "cropFraction", "interpolation", "layers",
      "pool", "store", "c", "standardize", "folds", "seed", "baselines", "report", "record", "model",
    ])
    let folder = FileSystem.parent(of: file) == "." ? "" : FileSystem.parent(of: file)
    func located(_ path: String?) -> String? {
      path.map { RunConfiguration.simplified(FileSystem.join(folder, $0)) }
    }

    guard let images = located(try fields.string("images")) else {
      throw fields.missing("images", "the folder with the images")
    }
    guard let layers = try fields.strings("layers") else {
      throw fields.missing("layers", "a list of layers to compare; 'layertap layers' shows their names")
    }
    self.init(
      name: try fields.string("name") ?? RunConfiguration.stem(of: file), images: images,
      manifest: located(try fields.string("manifest")),
      backbone: try fields.string("backbone") ?? "efficientnet_lite0",
      changes: try RunConfiguration.changes(fields), layers: layers,
      poolings: try RunConfiguration.poolings(fields),
      store: located(try fields.string("store") ?? "layertap-store") ?? "",
      c: try RunConfiguration.c(fields),
      standardization: try fields.choice("standardize") ?? .automatic,
      folds: try fields.integer("folds", in: 2...1000) ?? 5,
      seed: UInt64(try fields.integer("seed", in: 0...Int.max) ?? 0),
      baselines: try RunConfiguration.baselines(fields), report: located(try fields.string("report")),
      record: located(try fields.string("record")), model: located(try fields.string("model")),
      fileHash: SHA256.hash(bytes).hex)
  }

  private static func changes(_ fields: ConfigurationReader) throws(RunError) -> PreprocessingChanges {
    PreprocessingChanges(
      size: try fields.integer("size", in: 1...4096), resize: try fields.choice("resize"),
      cropFraction: try fields.number("cropFraction", "a number above 0 and up to 1") { $0 > 0 && $0 <= 1 },
      interpolation: try fields.choice("interpolation"))
  }

  private static func poolings(_ fields: ConfigurationReader) throws(RunError) -> [Pooling] {
    let names = Pooling.selectable.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let poolings = try fields.value("pool", "one of \(names), or a list of them") { value -> [Pooling]? in
      let texts = value.stringValue.map { [$0] } ?? value.arrayValue?.map { $0.stringValue ?? "" } ?? []
      let poolings = texts.compactMap { text in Pooling.selectable.first { $0.name == text } }
      return poolings.isEmpty || poolings.count < texts.count ? nil : poolings
    }
    return poolings ?? [.avg]
  }

  /// Nil for `"auto"`, the default.
  private static func c(_ fields: ConfigurationReader) throws(RunError) -> Double? {
    let c = try fields.value("c", "\"auto\" or a number above 0") { value -> Double? in
      value == .string("auto") ? .infinity : value.doubleValue.flatMap { $0 > 0 ? $0 : nil }
    }
    return c == .infinity ? nil : c
  }

  private static func baselines(_ fields: ConfigurationReader) throws(RunError) -> Baselines {
    guard let baselines = try fields.object("baselines") else { return Baselines() }
    try baselines.allow(["pixels", "random"])
    var result = Baselines()
    if let pixels = try baselines.object("pixels") {
      try pixels.allow(["size"])
      guard let size = try pixels.integer("size", in: 1...512) else {
        throw pixels.missing("size", "the side to which pictures are squashed")
      }
      result.pixels = size
    }
    if let random = try baselines.object("random") {
      try random.allow(["seed"])
      result.random = UInt64(try random.integer("seed", in: 0...Int.max) ?? 0)
    }
    return result
  }

  /// The path without `folder/..`, as people would write it: `data` for `pipelines/../data`.
  static func simplified(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    let joined = parts.joined(separator: "/")
    return path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
  }

  /// The file's name without its ending.
  private static func stem(of file: String) -> String {
    let name = FileSystem.name(of: file)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
