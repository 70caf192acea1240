// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "EmbedAndClassify",
  dependencies: [.package(name: "LayerTap", path: "../..")],
  targets: [
    .executableTarget(
      name: "EmbedAndClassify", dependencies: [.product(name: "LayerTap", package: "LayerTap")])
  ]
)
