// Python with NumPy is the independent reader of LayerTap's files.

import FoundationEssentials
import Testing

/// The machine's Python, with the packages that `Scripts/test` installs beside the checkout.
public enum Python {
  /// Runs a script to its end. Without a Python with NumPy, the test ends here.
  ///
  /// - Parameters:
  ///   - script: The path of a script, or the program's text if it contains a newline.
  ///   - arguments: The script's `sys.argv[1:]`.
  public static func run(
    _ script: String, _ arguments: [String] = [], in folder: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Tool.Outcome {
    try Need.numPy.orCancel(sourceLocation: sourceLocation)
    let program = script.contains("\n") ? ["-c", script] : [script]
    return try Tool.run(interpreter, ["python3"] + program + arguments, in: folder, environment: environment)
  }

  @Sendable static func missing() -> String? {
    hasNumPy ? nil : "there is no python3 with numpy; Scripts/test installs it"
  }

  private static let interpreter = "/usr/bin/env"

  private static let environment: [String: String?] = {
    let packages =
      TestData.environment("LAYERTAP_PYTHON_PACKAGES") ?? Repository.path(".venv-tests")
    return FileManager.default.fileExists(atPath: packages) ? ["PYTHONPATH": packages] : [:]
  }()

  private static let hasNumPy =
    (try? Tool.run(interpreter, ["python3", "-c", "import numpy"], environment: environment))?.status == 0
}
