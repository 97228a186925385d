#include "cloudformation/sam/api_domain.h"

namespace skafu::cloudformation::sam {
namespace {

// The hosted zone of CloudFront, to which edge-optimized APIs belong everywhere.
constexpr std::string_view kEdgeZone = "Z2FDTNDATAQYW2";

std::string digest_of(const Json& value) {
    return short_digest(value.is_string() ? value.get<std::string>() : canonical_text(value));
}

/// Adds a record set to the group of its hosted zone, which several APIs share.
void add_records(Context& context, const Source& source, const Json& route, const Json& name,
                 const std::string& domain, bool regional) {
    const Json* zone = find_member(route, "HostedZoneId");
    const Json* zone_name = find_member(route, "HostedZoneName");
    if (zone == nullptr && zone_name == nullptr) {
        throw SamProblem::resource(source.id,
                                   "HostedZoneId or HostedZoneName is required to enable "
                                   "Route53 support on Custom Domains.");
    }
    if (zone != nullptr && zone_name != nullptr) {
        throw SamProblem::resource(source.id,
                                   "HostedZoneId and HostedZoneName cannot both be "
                                   "specified.");
    }
    const std::string id =
        "RecordSetGroup" + digest_of(context.resolve(zone != nullptr ? *zone : *zone_name));
    if (context.generated(id) == nullptr) {
        Json properties = {{"RecordSets", Json::array()}};
        if (zone != nullptr)
            properties["HostedZoneId"] = *zone;
        else
            properties["HostedZoneName"] = *zone_name;
        context.add_shared(id, make_resource("AWS::Route53::RecordSetGroup", std::move(properties),
                                             source.attributes()));
    }
    Json target = {
        {"HostedZoneId", regional ? get_att(domain, "RegionalHostedZoneId") : Json(kEdgeZone)},
        {"DNSName", get_att(domain, regional ? "RegionalDomainName" : "DistributionDomainName")}};
    if (const Json* own = find_member(route, "DistributionDomainName")) target["DNSName"] = *own;
    copy_members(route, target, {"EvaluateTargetHealth"});
    Json record = {{"Name", name}, {"Type", "A"}, {"AliasTarget", std::move(target)}};
    copy_members(route, record, {"SetIdentifier", "Region"});
    Json& records = (*context.generated(id))["Properties"]["RecordSets"];
    records.push_back(record);
    const Json* six = find_member(route, "IpV6");
    if (six == nullptr || *six != true) return;
    record["Type"] = "AAAA";
    records.push_back(std::move(record));
}

void add_mappings(Context& context, const Source& source, const Json& settings,
                  const std::string& domain, const std::string& stage) {
    Json mapping = {
        {"DomainName", ref_to(domain)}, {"RestApiId", ref_to(source.id)}, {"Stage", ref_to(stage)}};
    const auto add = [&](const std::string& middle, const Json& path) {
        Json properties = mapping;
        if (!path.is_null()) properties["BasePath"] = path;
        context.add(source.id, source.id + middle + "BasePathMapping",
                    make_resource("AWS::ApiGateway::BasePathMapping", std::move(properties),
                                  source.attributes()));
    };
    const Json* paths = find_member(settings, "BasePath");
    if (paths == nullptr) return add("", Json());
    const Json list = paths->is_array() ? *paths : Json::array({*paths});
    const Json* normalize = find_member(settings, "NormalizeBasePath");
    for (const Json& path : list) {
        if (!path.is_string()) {
            throw SamProblem::resource(source.id, "Basepath must be a string.");
        }
        const std::string text = path.get<std::string>();
        std::string plain;
        std::string trimmed = text;
        for (const char c : text) {
            if (std::isalnum(static_cast<unsigned char>(c)) != 0) plain += c;
        }
        while (trimmed.starts_with('/')) trimmed.erase(0, 1);
        while (trimmed.ends_with('/')) trimmed.pop_back();
        add(plain, normalize != nullptr && *normalize == false ? text : trimmed);
    }
}

}  // namespace

void add_domain(Context& context, const Source& source, const std::string& stage) {
    const Json* given = source.find("Domain");
    if (given == nullptr) return;
    const Json settings = context.resolve(*given);
    const Json* name = find_member(settings, "DomainName");
    const Json* certificate = find_member(settings, "CertificateArn");
    if (name == nullptr || certificate == nullptr) {
        throw SamProblem::resource(source.id,
                                   "Custom Domains only works if both DomainName and "
                                   "CertificateArn are provided.");
    }
    std::string type = string_member(settings, "EndpointConfiguration", "REGIONAL");
    if (const Json* configuration = find_member(settings, "EndpointConfiguration")) {
        if (configuration->is_object()) type = string_member(*configuration, "Type", "REGIONAL");
    }
    if (type != "EDGE" && type != "REGIONAL") {
        throw SamProblem::resource(source.id,
                                   "EndpointConfiguration for Custom Domains must be one of "
                                   "['EDGE', 'REGIONAL', 'PRIVATE'].");
    }
    const bool regional = type == "REGIONAL";
    Json properties = {{"DomainName", *name},
                       {"EndpointConfiguration", {{"Types", Json::array({type})}}}};
    properties[regional ? "RegionalCertificateArn" : "CertificateArn"] = *certificate;
    if (const Json* kind = find_member(settings, "IpAddressType")) {
        properties["EndpointConfiguration"]["IpAddressType"] = *kind;
    }
    copy_members(settings, properties, {"SecurityPolicy", "OwnershipVerificationCertificateArn"});
    if (const Json* mutual = find_member(settings, "MutualTlsAuthentication")) {
        Json kept = Json::object();
        for (const auto& [key, value] : mutual->items()) {
            if (value != 0) kept[key] = value;
        }
        properties["MutualTlsAuthentication"] = std::move(kept);
    }
    const std::string id = "ApiGatewayDomainName" + digest_of(*name);
    context.add_shared(id, make_resource("AWS::ApiGateway::DomainName", std::move(properties),
                                         source.attributes()));
    context.note_reference(source.id, "DomainName", id);
    add_mappings(context, source, settings, id, stage);
    if (const Json* route = find_member(settings, "Route53")) {
        add_records(context, source, *route, *name, id, regional);
    }
}

}  // namespace skafu::cloudformation::sam
