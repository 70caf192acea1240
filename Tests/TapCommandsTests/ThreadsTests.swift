// The default number of threads.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct ThreadsTests {
  /// By default there are as many threads as processors that the process may use. `--threads` has precedence.
  @Test func areAsManyAsProcessorsThatTheProcessMayUse() throws {
    let taskset = "/usr/bin/taskset"
    #expect(FileSystem.exists(taskset), "util-linux, which every Debian has")
    let status = String(decoding: try FileSystem.read("/proc/self/status"), as: UTF8.self)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    let allowed = line.dropFirst("Cpus_allowed_list:".count).trimmingPrefix { $0 == "\t" || $0 == " " }
    let processor = String(allowed.prefix { $0.isNumber })
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try FileSystem.createDirectories(folder + "/photos")
      for index in 0..<3 {
        try AtomicWriter.replace("\(folder)/photos/\(index).png", with: generatedPNG(seed: index))
      }
      func threads(_ options: String..., store: String) throws -> Int? {
        let outcome = try Tool.run(
          taskset,
          [
            "--cpu-list", processor, Tool.path, "extract", "photos", "--backbone", "net.safetensors",
            "--store",
            store, "--format", "json",
          ] + options, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let path = try #require(try JSONValue.parse(outcome.output)["store"]?.stringValue)
        return try JSONValue.parse(FileSystem.read("\(folder)/\(path)/runs/000001.json"))["threads"]?.intValue
      }
      #expect(try threads(store: "bound") == 1)
      #expect(try threads("--threads", "3", store: "told") == 3)
    }
  }
}
