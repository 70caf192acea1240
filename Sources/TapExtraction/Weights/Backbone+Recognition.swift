// Finds the network of a checkpoint by its tensors. If the tensors fit several networks, a setting, timm's config.json
// beside the file, the published hash or the file's name decides.

import TapArchitectures
import TapBackbone
import TapFileSystem
import TapFormats
import TapTensors

extension Backbone {
  /// The network whose tensors the checkpoint holds. This network must agree with the stated architecture. If no
  /// network fits, the error of the closest network is thrown.
  ///
  /// - Returns: the network, and a sentence about other networks with the same tensors if no source states the
  ///   architecture.
  static func recognized(
    _ tensors: StateDictionary, as architecture: String?, _ beside: PreprocessingFile, path: String,
    published: KnownWeights?
  ) throws(BackboneLoadingError) -> (RecognizedNetwork, choice: [String]) {
    let name = FileSystem.name(of: path)
    if let architecture, NetworkNames.meaning(of: architecture) == nil {
      throw .unknownArchitecture(
        architecture, nearest: NearestName.nearest(to: architecture, in: Architectures.names))
    }
    try beside.requirePlainNetwork()
    if let stated = beside.architecture {
      try require(architecture, meaning: stated, by: beside.architectureFile)
    } else if let published {
      try require(architecture, meaning: published.architecture, by: "the published hash of \(path)")
    }
    let statements = [(architecture, "'architecture'"), (beside.architecture, beside.architectureFile)]
    for case (let stated?, let origin) in statements {
      guard let meaning = NetworkNames.meaning(of: stated) else {
        let other = try? recognition(tensors, origin: name, path: path)
        throw .otherNetwork(
          path: path, named: stated, in: origin, recognized: other?.backbone.name, meaning: nil)
      }
      if let found = try? recognition(tensors, stated: meaning, path: path) { return (found, []) }
      let other = try recognition(tensors, origin: name, path: path)
      throw .otherNetwork(
        path: path, named: stated, in: origin, recognized: other.backbone.name, meaning: meaning.architecture)
    }
    if let published, let meaning = NetworkNames.meaning(of: published.architecture),
      let found = try? recognition(tensors, stated: meaning, path: path)
    {
      return (found, [])
    }
    let found = try recognition(tensors, origin: name, path: path)
    if let twin = NetworkNames.foreignTwin(ofFile: name, found.backbone.name) {
      throw .otherNetwork(
        path: path, named: twin, in: nil, recognized: found.backbone.name, meaning: nil)
    }
    guard let choice = found.choice else { return (found, []) }
    let sentence =
      "Tensors do not tell \(choice.taken) from \(choice.others.joined(separator: " and ")): it is taken for the former "
      + "(--architecture NAME decides, or 'architecture' in timm's config.json beside the file)."
    return (found, [sentence])
  }

  private static func recognition(
    _ tensors: StateDictionary, origin: String = "", stated: NetworkNames.Meaning? = nil, path: String
  ) throws(BackboneLoadingError) -> RecognizedNetwork {
    do throws(ArchitectureError) {
      if let found = try Architectures.recognition(tensors, origin: origin, stated: stated) { return found }
    } catch { throw .architecture(path: path, error) }
    throw .notRecognized(path: path, tensors: tensors.tensors.keys.sorted())
  }

  /// Throws an error if a stated architecture contradicts another source.
  static func require(
    _ architecture: String?, meaning other: String, by origin: String
  ) throws(BackboneLoadingError) {
    guard let architecture, architecture != other else { return }
    guard let meaning = NetworkNames.meaning(of: architecture), meaning == NetworkNames.meaning(of: other)
    else { throw .contradiction(architecture: architecture, by: origin, saying: other) }
  }
}

/// Advice on how to export a network to an ONNX file, for networks that are not built in.
enum ONNXExport {
  /// A sentence that contains a command to run.
  ///
  /// - Parameters:
  ///   - name: the name of the network in timm; nil if this name is not known.
  ///   - path: the path of the checkpoint.
  static func advice(_ name: String? = nil, weights path: String? = nil) -> String {
    let isPlain = { (text: String) in
      text.utf8.allSatisfy {
        $0 > UInt8(ascii: " ") && $0 < 127 && !"'\"`$\\".utf8.contains($0)
      }
    }
    guard let name, isPlain(name) else {
      return
        "Give the network as an ONNX file; in Python: "
        + "torch.onnx.export(model.eval(), torch.zeros(1, 3, 224, 224), 'network.onnx')"
    }
    let base = name.split(separator: ".").first.map(String.init) ?? name
    let file = path.flatMap { isPlain($0) ? $0 : nil } ?? "FILE"
    return
      "Give it as an ONNX file: python3 -c \"import timm, torch; "
      + "m = timm.create_model('\(base)', checkpoint_path='\(file)').eval(); "
      + "torch.onnx.export(m, torch.zeros(1, 3, 224, 224), '\(base).onnx')\""
  }
}
