// The command line and the processor's name, compared with those that Linux shows in /proc.

import TapFileSystem
import Testing

@Suite struct EnvironmentTests {
  @Test func theCommandLineIsThatOfTheKernel() throws {
    let words = try FileSystem.read("/proc/self/cmdline").split(separator: 0, omittingEmptySubsequences: false)
    #expect(Environment.commandLine == words.dropLast().map(Array.init))
    #expect(Environment.arguments == words.dropLast().map { String(decoding: $0, as: UTF8.self) })
  }

  @Test func theNameInProcIsPreferred() {
    let information = "processor\t: 0\nmodel name\t: Some: Processor @ 2 GHz\nmodel name\t: Another\n"
    #expect(Environment.processor(information: Array(information.utf8)) == "Some: Processor @ 2 GHz")
  }

  #if arch(x86_64)
    @Test func theProcessorsOwnNameIsThatOfTheKernel() throws {
      let information = try FileSystem.read("/proc/cpuinfo")
      let name = Environment.processor(information: information)
      #expect(!name.isEmpty)
      #expect(Environment.processor(information: []) == name)
    }
  #endif
}
