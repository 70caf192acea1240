// Reads files beside weights that describe the training images: LayerTap's own file, the `config.json` of timm's
// models, and Hugging Face's `preprocessor_config.json`.

import TapFileSystem
import TapFormats
import TapProvenance

/// The contents of a file beside weights; empty if there is no such file.
struct PreprocessingFile {
  /// The name of the network in timm.
  private(set) var architecture: String?
  /// The path of the file that states ``architecture``.
  private(set) var architectureFile = ""
  /// The arguments of the network in timm.
  private var arguments: [String: JSONValue] = [:]
  private(set) var origin: PreprocessingOrigin?
  private var complete: Preprocessing?
  private var configuration: JSONValue?
  private var huggingFace: HuggingFacePreprocessing?

  /// Reads the first of these files that exists: `<path>.preprocessing.json`, timm's `config.json` in the same folder,
  /// and `preprocessor_config.json` in the same folder.
  ///
  /// - Throws: ``BackboneLoadingError/preprocessing(path:problem:)`` for a file that cannot be read or has invalid
  ///   values.
  init(beside path: String) throws(BackboneLoadingError) {
    let timms = FileSystem.join(FileSystem.parent(of: path), "config.json")
    if FileSystem.exists(timms), let json = try? Self.json(timms),
      let fields = json["pretrained_cfg"] ?? json["mean"].map({ _ in json })
    {
      architecture = json["architecture"]?.stringValue
      architectureFile = timms
      configuration = fields
      arguments = json["model_args"]?.objectValue ?? [:]
    }
    let own = path + ".preprocessing.json"
    if FileSystem.exists(own) {
      do throws(ProvenanceError) {
        complete = try Preprocessing(json: try Self.json(own))
      } catch { throw .preprocessing(path: own, problem: error.description) }
      origin = .file(own)
      return
    }
    guard configuration != nil else {
      let processor = FileSystem.join(FileSystem.parent(of: path), "preprocessor_config.json")
      guard FileSystem.exists(processor) else { return }
      do throws(ProvenanceError) {
        huggingFace = HuggingFacePreprocessing(json: try Self.json(processor), path: processor)
      } catch { throw .preprocessing(path: processor, problem: error.description) }
      origin = .file(processor)
      _ = try huggingFace?.preprocessing(over: Preprocessing())
      return
    }
    origin = .file(timms)
    _ = try checked(over: Preprocessing(), timms)
  }

  /// The arguments of timm's models that change no feature.
  private static let harmlessArguments: Set<String> = [
    "num_classes", "global_pool", "drop_rate", "drop_path_rate", "img_size", "pretrained",
  ]

  /// Throws an error for network arguments that may change features. timm's `model_args` can change any layer without
  /// changing a tensor.
  func requirePlainNetwork() throws(BackboneLoadingError) {
    let others = arguments.filter { name, value in
      !Self.harmlessArguments.contains(name) && !(name == "in_chans" && value.intValue == 3)
    }
    guard !others.isEmpty else { return }
    throw .preprocessing(
      path: architectureFile,
      problem:
        "field \"model_args\": \(others.keys.sorted().joined(separator: ", ")) can change the network without "
        + "changing a tensor: export it to ONNX (torch.onnx.export) and give that file")
  }

  /// The preprocessing in the file; nil if the file states no preprocessing. Missing fields are taken from `base`.
  func preprocessing(over base: Preprocessing) -> Preprocessing? {
    if let complete { return complete }
    if let huggingFace { return try? huggingFace.preprocessing(over: base) }
    guard case .file(let path)? = origin else { return nil }
    return try? checked(over: base, path)
  }

  /// Reads timm's fields `mean`, `std`, `input_size`, `crop_pct`, `crop_mode` and `interpolation`. timm divides pixels
  /// by 255.
  private func checked(over base: Preprocessing, _ path: String) throws(BackboneLoadingError) -> Preprocessing {
    guard let configuration else { return base }
    func wrong(_ field: String, _ expected: String) -> BackboneLoadingError {
      .preprocessing(path: path, problem: "field \"\(field)\": expected \(expected)")
    }
    var result = base
    result.scale = 255
    for (field, keyPath) in [("mean", \Preprocessing.mean), ("std", \.standardDeviation)] {
      guard let value = configuration[field] else { continue }
      let numbers = value.arrayValue?.compactMap(\.doubleValue) ?? []
      guard numbers.count == 3, field == "mean" || !numbers.contains(0) else {
        throw wrong(field, "three numbers, none of std 0")
      }
      result[keyPath: keyPath] = numbers
    }
    if let value = configuration["input_size"] {
      let extents = value.arrayValue?.compactMap(\.intValue) ?? []
      guard extents.count == 3, extents[0] == 3, extents[1] == extents[2], 1...4096 ~= extents[1] else {
        throw wrong("input_size", "[3, side, side]")
      }
      result.size = extents[1]
    }
    if let value = configuration["crop_pct"] {
      guard let fraction = value.doubleValue, fraction > 0, fraction <= 1 else {
        throw wrong("crop_pct", "a number above 0, up to 1")
      }
      result.cropFraction = fraction
    }
    if let value = configuration["interpolation"] {
      guard let rule = value.stringValue.flatMap(Preprocessing.Interpolation.init(rawValue:)) else {
        throw wrong("interpolation", "\"bilinear\" or \"bicubic\"")
      }
      result.interpolation = rule
    }
    switch configuration["crop_mode"]?.stringValue {
    case nil, "center": result.resize = .short
    // The crop fraction also applies to the next two modes: timm scales the image to side / fraction, and then crops
    // the center.
    case "squash": result.resize = result.cropFraction == 1 ? .squash : .squashAndCrop
    case "border": result.resize = .border
    default: throw wrong("crop_mode", "\"center\", \"squash\" or \"border\"")
    }
    return result
  }

  private static func json(_ path: String) throws(ProvenanceError) -> JSONValue {
    guard let bytes = try? FileSystem.read(path, atMost: FileSystem.documentLimit),
      let json = try? JSONValue.parse(bytes)
    else {
      throw .value(field: "", found: "no JSON", expected: "an object")
    }
    return json
  }
}
