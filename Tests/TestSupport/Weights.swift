// The default backbone's weights. The search looks into the same folders as the program.

import FoundationEssentials
import Testing

/// Pretrained weights on this machine.
public enum Weights {
  /// The file that `Scripts/weights` fetches.
  public static let lite0FileName = "efficientnet-lite0-57934424.pth"

  /// The folders that may contain weights, in the order of the search: `LAYERTAP_WEIGHTS`, the user's data folder,
  /// `weights/` in this checkout.
  public static var folders: [String] {
    var folders: [String] = []
    if let folder = TestData.environment("LAYERTAP_WEIGHTS") { folders.append(folder) }
    if let data = TestData.environment("XDG_DATA_HOME") {
      folders.append(data + "/layertap/weights")
    } else if let home = TestData.environment("HOME") {
      folders.append(home + "/.local/share/layertap/weights")
    }
    folders.append(Repository.path("weights"))
    return folders
  }

  /// The path of EfficientNet-Lite0's checkpoint. If the checkpoint is missing, the test ends here.
  @discardableResult
  public static func lite0Path(sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try Need.lite0.orCancel(sourceLocation: sourceLocation)
    return lite0 ?? ""
  }

  @Sendable static func missingLite0() -> String? {
    guard lite0 == nil else { return nil }
    return "\(lite0FileName) is in none of \(folders.joined(separator: ", ")); Scripts/weights fetches it"
  }

  private static var lite0: String? {
    folders.lazy.map { $0 + "/" + lite0FileName }.first { FileManager.default.fileExists(atPath: $0) }
  }
}
