// A real browser opens LayerTap's pages, and the tests check its console, its requests and its layout. `Scripts/setup
// --with-browser` installs the browser.

import FoundationEssentials
import TapFormats
import Testing

/// Chromium without a window.
public enum Browser {
  /// The results of opening a page.
  public struct Visit: Sendable {
    /// Lines of the page's console, including warnings of the content security policy.
    public let console: [String]
    /// Addresses that the page requested besides itself.
    public let requests: [String]
    /// The probe's measurements, with one entry for each width.
    public let layouts: [Layout]
  }

  /// The measurements in a frame of the given width.
  public struct Layout: Sendable {
    public let width: Int
    /// The width of the whole page's contents. If it is more than `width`, the page scrolls sideways.
    public let contentWidth: Int
    /// The page's title, by which tests check that the right page was opened.
    public let title: String
    public let charts: Int
    /// Pairs of texts in charts that touch each other, and texts that reach beyond their image.
    public let collisions: [String]
    /// The numbers of images that were decoded and of those that were not.
    public let images: Int
    public let brokenImages: Int
    /// Perceived brightness in 0...255 of the page's background and its text.
    public let backgroundBrightness: Int
    public let textBrightness: Int
  }

  /// Opens an HTML file in frames of several widths. Without a browser, the test ends here.
  ///
  /// - Parameter isDark: whether the system prefers dark colors.
  public static func visit(
    _ file: String, widths: [Int] = [400, 1100], isDark: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Visit {
    try Need.browser.orCancel(sourceLocation: sourceLocation)
    return try withTemporaryFolder { folder in
      let probe = Probe(file: file, widths: widths)
      try Data(probe.html.utf8).write(to: URL(filePath: folder + "/probe.html"))
      let outcome = try Tool.run(
        "/usr/bin/env",
        [
          program ?? "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
          "--user-data-dir=\(folder)/profile",
          "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
          // No address is ever reached, neither by the page nor by the browser itself.
          "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr",
          "--log-net-log=\(folder)/net.json", "--allow-file-access-from-files", "--window-size=1400,1000",
          "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)", "--virtual-time-budget=5000",
          "--dump-dom",
          "file://\(folder)/probe.html",
        ])
      guard outcome.status == 0 else { throw ToolError(description: "Chromium: \(outcome.errors)") }
      return Visit(
        console: outcome.errors.split(separator: "\n").filter { $0.contains(":CONSOLE:") }.map(String.init),
        requests: try requests(in: folder + "/net.json"), layouts: try Probe.layouts(in: outcome.output))
    }
  }

  @Sendable static func missing() -> String? {
    program == nil ? "there is no Chromium; Scripts/setup --with-browser installs it" : nil
  }

  private static let program: String? = {
    let path = TestData.environment("PATH") ?? ""
    for name in ["chromium", "chromium-browser", "google-chrome"] {
      for folder in path.split(separator: ":")
      where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") { return name }
    }
    return nil
  }()

  /// The requests that a page made. The browser's own requests have the initiator "not an origin". The log has one
  /// event in each line.
  private static func requests(in log: String) throws -> [String] {
    let text = String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self)
    var addresses: [String] = []
    for line in text.split(separator: "\n") where line.contains("\"initiator\":") {
      let event = try JSONValue.parse(line.hasSuffix(",") ? String(line.dropLast()) : String(line))
      guard let parameters = event["params"], let address = parameters["url"]?.stringValue,
        parameters["initiator"]?.stringValue != "not an origin"
      else { continue }
      addresses.append(address)
    }
    return addresses
  }
}
