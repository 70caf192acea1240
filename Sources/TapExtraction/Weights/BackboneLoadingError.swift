// The errors of loading a backbone.

import TapArchitectures
import TapCheckpoints
import TapFileSystem
import TapONNX

/// A backbone could not be loaded.
public enum BackboneLoadingError: Error, Equatable, CustomStringConvertible {
  /// The source is neither a built-in name nor a file.
  case unknown(String, known: [String], nearest: String?)
  /// A built-in backbone has no known published weights.
  case noKnownWeights(String)
  /// The weights were not found, or they differ from the published weights.
  case weights(WeightsError)
  /// The source is a folder that does not contain exactly one index of a checkpoint in several files.
  case folder(String, found: [String])
  /// A checkpoint consists of several files, and its index is missing.
  case shard(path: String, index: String, count: Int)
  /// A file beside the weights has invalid contents.
  case preprocessing(path: String, problem: String)
  /// An ONNX file comes without a description of its input images.
  case noPreprocessing(String)
  /// An ONNX file cannot be read, or its network cannot be run.
  case onnx(ONNXError)
  /// A checkpoint cannot be read.
  case checkpoint(CheckpointError)
  /// The tensors of a checkpoint match no architecture.
  case notRecognized(path: String, tensors: [String])
  /// A stated architecture is not built in.
  case unknownArchitecture(String, nearest: String?)
  /// A stated architecture contradicts another source.
  case contradiction(architecture: String, by: String, saying: String)
  /// An architecture is stated for a file that itself describes its network.
  case noChoice(String, path: String)
  /// A configuration, a stated architecture or a file's name means a network that differs from the network of the
  /// tensors.
  ///
  /// - Parameters:
  ///   - recognized: the network that matches the tensors; nil if no network matches.
  ///   - meaning: the built-in architecture with the name `named`; nil if there is none.
  case otherNetwork(path: String, named: String, in: String?, recognized: String?, meaning: String?)
  /// The tensors of a checkpoint do not match the architecture.
  case architecture(path: String, ArchitectureError)

  public var description: String {
    switch self {
    case .unknown(let name, let known, let nearest):
      "unknown backbone '\(name)': neither a file nor one of the \(known.count) built-in names"
        + (nearest.map { ". Did you mean '\($0)'?" } ?? "") + " ('layertap layers --help' lists them)"
    case .noKnownWeights(let name): "no published weights are known for \(name): give a checkpoint's path"
    case .weights(let error): error.description
    case .folder(let path, let found):
      found.isEmpty
        ? "\(path) is a folder without weights; expected a checkpoint or an ONNX file"
        : "\(path) is a folder; expected a file, such as \(FileSystem.join(path, found[0]))"
    case .shard(let path, let index, let count):
      "\(path) is one of \(count) files, and \(index), which lists them, is not beside it. Fetch it, and all \(count)"
    case .preprocessing(let path, let problem): "\(path): \(problem)"
    case .noPreprocessing(let path):
      "\(path) does not say what images it expects, and a wrong guess costs accuracy unseen: state --mean and --std (and "
        + "--scale, --size, --channels where they differ from 255, 224 and rgb), or write them into \(path).preprocessing.json"
    case .onnx(let error): error.description
    case .checkpoint(let error): error.description
    case .notRecognized(let path, let tensors):
      "\(path): its \(tensors.count) tensors (\(tensors.prefix(3).joined(separator: ", "))\(tensors.count > 3 ? ", …" : "")) "
        + "are those of none of the \(Architectures.names.count) architectures here ('layertap layers --help' lists them). "
        + ONNXExport.advice()
    case .unknownArchitecture(let name, let nearest):
      "'architecture': none of the networks here is called '\(name)'"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "") + " ('layertap layers --help' lists them). "
        + ONNXExport.advice(name)
    case .contradiction(let architecture, let origin, let other):
      "'architecture' says \(architecture), but \(origin) says \(other): one of the two is wrong"
    case .noChoice(let architecture, let path):
      "\(path) describes its own network: leave 'architecture' (\(architecture)) out"
    case .otherNetwork(let path, let named, let file, let recognized, let meaning):
      if let meaning, let recognized {
        "\(path): its tensors are those of \(recognized), but \(file ?? "its name") says \(named), which is \(meaning) here: one "
          + "of the two is wrong"
      } else {
        "\(path): \(file.map { "\($0) says" } ?? "its name says") \(named), which is none of the networks here"
          + (recognized.map {
            ", though its tensors have names and shapes of \($0)'s; as \($0) it would give other features"
          } ?? "") + ". " + ONNXExport.advice(named, weights: path) + " If the name is wrong, change it."
      }
    case .architecture(let path, let error):
      switch error {
      case .missingTensors, .wrongShape: "\(path): \(error). If it is another network: \(ONNXExport.advice())"
      default: "\(path): \(error)"
      }
    }
  }
}
