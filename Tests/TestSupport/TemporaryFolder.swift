// A separate folder for a test, which is removed when the test has ended.

import FoundationEssentials

/// Calls `body` with the absolute path of a new empty folder, and removes the folder afterwards.
///
/// This is a function with a closure, not an object with a `deinit`. The optimizer may release an object after the
/// object's last use, which can be before the test's last use of the path.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = try makeTemporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// Calls an asynchronous `body` with the path of a new empty folder, and removes the folder afterwards.
public func withTemporaryFolder<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Result
) async throws -> Result {
  let path = try makeTemporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

private func makeTemporaryFolder() throws -> String {
  let base = TestData.environment("TMPDIR") ?? "/tmp"
  let path = "\(base)/layertap-test-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}
