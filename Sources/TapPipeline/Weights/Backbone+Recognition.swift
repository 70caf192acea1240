// Which network a checkpoint holds: what its tensors say, and what is stated of it by a setting, by timm's config.json beside it,
// by its published hash, or by its name.

import TapArchitectures
import TapBackbone
import TapFileSystem
import TapFormats

extension Backbone {
  /// The network whose tensors the checkpoint holds, as it is stated to be; if none does, the objection of the one that comes closest.
  ///
  /// - Returns: the network, and a sentence on others with the same tensors where nothing says which one it is.
  static func recognised(
    _ tensors: StateDictionary, as architecture: String?, _ beside: PreprocessingFile, path: String,
    published: KnownWeights?
  ) throws(BackboneLoadingError) -> (Recognition, choice: [String]) {
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
          path: path, named: stated, in: origin, recognised: other?.backbone.name, meaning: nil)
      }
      if let found = try? recognition(tensors, stated: meaning, path: path) { return (found, []) }
      let other = try recognition(tensors, origin: name, path: path)
      throw .otherNetwork(
        path: path, named: stated, in: origin, recognised: other.backbone.name, meaning: meaning.architecture)
    }
    if let published, let meaning = NetworkNames.meaning(of: published.architecture),
      let found = try? recognition(tensors, stated: meaning, path: path)
    {
      return (found, [])
    }
    let found = try recognition(tensors, origin: name, path: path)
    if let twin = NetworkNames.foreignTwin(ofFile: name, found.backbone.name) {
      throw .otherNetwork(
        path: path, named: twin, in: nil, recognised: found.backbone.name, meaning: nil)
    }
    guard let choice = found.choice else { return (found, []) }
    let sentence =
      "Tensors do not tell \(choice.taken) from \(choice.others.joined(separator: " and ")): it is taken for the former "
      + "(--architecture NAME decides, or 'architecture' in timm's config.json beside the file)."
    return (found, [sentence])
  }

  private static func recognition(
    _ tensors: StateDictionary, origin: String = "", stated: NetworkNames.Meaning? = nil, path: String
  ) throws(BackboneLoadingError) -> Recognition {
    do throws(ArchitectureError) {
      if let found = try Architectures.recognition(tensors, origin: origin, stated: stated) { return found }
    } catch { throw .architecture(path: path, error) }
    throw .notRecognised(path: path, tensors: tensors.tensors.keys.sorted())
  }

  /// Refuses a stated architecture that is not the one that something else says.
  static func require(
    _ architecture: String?, meaning other: String, by origin: String
  ) throws(BackboneLoadingError) {
    guard let architecture, architecture != other else { return }
    guard let meaning = NetworkNames.meaning(of: architecture), meaning == NetworkNames.meaning(of: other)
    else { throw .contradiction(architecture: architecture, by: origin, saying: other) }
  }
}

/// How a network that is none of those here becomes an ONNX file.
enum ONNXExport {
  /// A sentence with a line to run.
  ///
  /// - Parameters:
  ///   - name: of timm; nil where it is not known.
  ///   - path: the checkpoint.
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
