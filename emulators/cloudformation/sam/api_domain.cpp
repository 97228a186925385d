#include "cloudformation/sam/api_domain.h"

#include <algorithm>

#include "cloudformation/sam/route53.h"

namespace skafu::cloudformation::sam {
namespace {

// The hosted zone of CloudFront, to which edge-optimized APIs belong everywhere.
constexpr const char* kEdgeZone = "Z2FDTNDATAQYW2";
constexpr const char* kTrustFields = "['TruststoreUri', 'TruststoreVersion']";

/// MutualTlsAuthentication without what is empty; the fields that are unknown, sorted.
Json trust_store(const Json& settings, std::vector<std::string>& unknown) {
    Json kept = Json::object();
    for (const auto& [name, value] : settings.items()) {
        if (name != "TruststoreUri" && name != "TruststoreVersion") unknown.push_back(name);
        if (is_truthy(&value)) kept[name] = value;
    }
    std::sort(unknown.begin(), unknown.end());
    return kept;
}

/// The base paths of a domain: none, one, or a list.
Json base_paths(const Json& domain) {
    const Json* paths = given(domain, "BasePath");
    if (!is_truthy(paths)) return Json::array();
    if (paths->is_array()) return *paths;
    return paths->is_string() ? Json::array({*paths}) : Json::array();
}

std::string letters_and_digits(const std::string& text) {
    std::string kept;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) kept += c;
    }
    return kept;
}

/// The Domain of one REST API.
class RestDomain {
  public:
    RestDomain(Context& context, const Source& source, const Json& domain)
        : context_(context), source_(source), domain_(domain) {}

    void add() {
        expect_map(source_.id, domain_, "Domain");
        const Json& name = expect_member(source_.id, domain_, "DomainName", "Domain.DomainName");
        const Json& certificate =
            expect_member(source_.id, domain_, "CertificateArn", "Domain.CertificateArn");
        type_ = endpoint_type();
        id_ = (is_private() ? "ApiGatewayDomainNameV2" : "ApiGatewayDomainName") + id_digest(name);
        Json properties = {{"DomainName", name},
                           {"EndpointConfiguration", {{"Types", Json::array({type_})}}}};
        properties[type_ == "REGIONAL" ? "RegionalCertificateArn" : "CertificateArn"] = certificate;
        if (const Json* kind = given(domain_, "IpAddressType")) {
            properties["EndpointConfiguration"]["IpAddressType"] = *kind;
        }
        add_trust(properties);
        for (const std::string member : {"SecurityPolicy", "OwnershipVerificationCertificateArn"}) {
            if (is_truthy(domain_, member)) properties[member] = domain_[member];
        }
        copy_members(domain_, properties, {"EndpointAccessMode"});
        if (is_private()) copy_members(domain_, properties, {"Policy"});
        context_.add(source_.id, id_,
                     make_resource(is_private() ? "AWS::ApiGateway::DomainNameV2"
                                                : "AWS::ApiGateway::DomainName",
                                   std::move(properties), source_.attributes()));
        context_.note_reference(source_.id, is_private() ? "DomainNameV2" : "DomainName", id_);
        add_access();
        add_mappings();
        add_records(context_, source_, domain_, alias_target());
    }

  private:
    bool is_private() const { return type_ == "PRIVATE"; }

    std::string endpoint_type() const {
        const Json* type = given(domain_, "EndpointConfiguration");
        if (type == nullptr) return "REGIONAL";
        if (*type != "EDGE" && *type != "REGIONAL" && *type != "PRIVATE") {
            throw SamProblem::resource(source_.id,
                                       "EndpointConfiguration for Custom Domains must be one of "
                                       "['EDGE', 'REGIONAL', 'PRIVATE'].");
        }
        return type->get<std::string>();
    }

    void add_trust(Json& properties) const {
        const Json* mutual = given(domain_, "MutualTlsAuthentication");
        if (!is_truthy(mutual) || is_private()) return;
        expect_map(source_.id, *mutual, "Domain.MutualTlsAuthentication");
        std::vector<std::string> unknown;
        Json kept = trust_store(*mutual, unknown);
        if (!unknown.empty()) {
            throw SamProblem::resource(
                source_.id, fmt::format("Available Domain.MutualTlsAuthentication fields are {}.",
                                        kTrustFields));
        }
        properties["MutualTlsAuthentication"] = std::move(kept);
    }

    /// Who may reach a private domain: a VPC endpoint.
    void add_access() {
        const Json* access = given(domain_, "AccessAssociation");
        if (!is_private() || !is_truthy(access)) return;
        expect_map(source_.id, *access, "Domain.AccessAssociation");
        const Json& endpoint = expect_member(source_.id, *access, "VpcEndpointId",
                                             "Domain.AccessAssociation.VpcEndpointId");
        Json properties = {{"AccessAssociationSource", endpoint},
                           {"AccessAssociationSourceType", "VPCE"},
                           {"DomainNameArn", ref_to(id_)}};
        context_.add(source_.id,
                     "DomainNameAccessAssociation" + id_digest(Json::array({endpoint, id_})),
                     make_resource("AWS::ApiGateway::DomainNameAccessAssociation",
                                   std::move(properties), source_.attributes()));
    }

    void add_mapping(const std::string& middle, const Json& path) {
        Json properties = {{is_private() ? "DomainNameArn" : "DomainName", ref_to(id_)},
                           {"RestApiId", ref_to(source_.id)},
                           {"Stage", ref_to(source_.id + ".Stage")}};
        if (!path.is_null()) properties["BasePath"] = path;
        context_.add(source_.id, source_.id + middle + "BasePathMapping",
                     make_resource(is_private() ? "AWS::ApiGateway::BasePathMappingV2"
                                                : "AWS::ApiGateway::BasePathMapping",
                                   std::move(properties), source_.attributes()));
    }

    void add_mappings() {
        const Json paths = base_paths(domain_);
        if (paths.empty()) return add_mapping("", Json());
        expect_strings(source_.id, paths, "Domain.BasePath");
        const Json* normalize = given(domain_, "NormalizeBasePath");
        for (const Json& path : paths) {
            const std::string text = path.get<std::string>();
            const std::string plain = letters_and_digits(text);
            add_mapping(plain, normalize == nullptr || is_truthy(normalize) ? plain : text);
        }
    }

    Json alias_target() const {
        const Json* route = given(domain_, "Route53");
        if (route == nullptr || !route->is_object()) return Json::object();
        const auto own = [&](std::string_view name) {
            const Json* value = given(*route, name);
            return value == nullptr ? Json() : *value;
        };
        if (type_ == "REGIONAL") {
            return Json{{"HostedZoneId", get_att(id_, "RegionalHostedZoneId")},
                        {"DNSName", get_att(id_, "RegionalDomainName")}};
        }
        if (is_private()) {
            return Json{{"HostedZoneId", own("VpcEndpointHostedZoneId")},
                        {"DNSName", own("VpcEndpointDomainName")}};
        }
        Json name = own("DistributionDomainName");
        if (name.is_null()) name = get_att(id_, "DistributionDomainName");
        return Json{{"HostedZoneId", kEdgeZone}, {"DNSName", std::move(name)}};
    }

    Context& context_;
    const Source& source_;
    const Json& domain_;
    std::string type_;
    std::string id_;
};

/// The Domain of one API of version 2.
class DomainV2 {
  public:
    DomainV2(Context& context, const Source& source, const Json& domain)
        : context_(context), source_(source), domain_(domain) {}

    void add(const Json& tags) {
        const Json* name = given(domain_, "DomainName");
        const Json* certificate = given(domain_, "CertificateArn");
        if (name == nullptr || certificate == nullptr) {
            throw problem(
                "Custom Domains only works if both DomainName and CertificateArn are provided.");
        }
        const Json* type = given(domain_, "EndpointConfiguration");
        if (type != nullptr && *type != "REGIONAL") {
            throw problem("EndpointConfiguration for Custom Domains must be one of ['REGIONAL'].");
        }
        id_ = "ApiGatewayDomainNameV2" + id_digest(*name);
        Json configuration = {{"CertificateArn", *certificate}, {"EndpointType", "REGIONAL"}};
        for (const std::string member :
             {"OwnershipVerificationCertificateArn", "SecurityPolicy", "IpAddressType"}) {
            if (is_truthy(domain_, member)) configuration[member] = domain_[member];
        }
        Json properties = {{"DomainName", *name},
                           {"DomainNameConfigurations", Json::array({configuration})}};
        add_trust(properties);
        if (!tags.is_null()) properties["Tags"] = tags;
        context_.add(source_.id, id_,
                     make_resource("AWS::ApiGatewayV2::DomainName", std::move(properties),
                                   source_.attributes()));
        context_.note_reference(source_.id, "DomainName", id_);
        add_mappings();
        add_records(context_, source_, domain_,
                    Json{{"HostedZoneId", get_att(id_, "RegionalHostedZoneId")},
                         {"DNSName", get_att(id_, "RegionalDomainName")}});
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    void add_trust(Json& properties) const {
        const Json* mutual = given(domain_, "MutualTlsAuthentication");
        if (!is_truthy(mutual)) return;
        if (!mutual->is_object()) {
            throw problem(
                fmt::format("MutualTlsAuthentication must be a map with at least one of the "
                            "following fields {}.",
                            kTrustFields));
        }
        std::vector<std::string> unknown;
        Json kept = trust_store(*mutual, unknown);
        if (!unknown.empty()) {
            throw SamProblem::resource(
                fmt::format("{}", fmt::join(unknown, ",")),
                fmt::format("Available MutualTlsAuthentication fields are {}.", kTrustFields));
        }
        properties["MutualTlsAuthentication"] = std::move(kept);
    }

    void add_mapping(const std::string& middle, const Json& key) {
        Json properties = {{"DomainName", ref_to(id_)},
                           {"ApiId", ref_to(source_.id)},
                           {"Stage", ref_to(source_.id + ".Stage")}};
        if (!key.is_null()) properties["ApiMappingKey"] = key;
        context_.add(source_.id, source_.id + middle + "ApiMapping",
                     make_resource("AWS::ApiGatewayV2::ApiMapping", std::move(properties),
                                   source_.attributes()));
    }

    void add_mappings() {
        const Json paths = base_paths(domain_);
        if (paths.empty()) return add_mapping("", Json());
        for (const Json& path : paths) {
            if (!path.is_string()) throw problem("Basepath must be a string.");
            std::string text = path.get<std::string>();
            const bool good = std::all_of(text.begin(), text.end(), [](unsigned char c) {
                return std::isalnum(c) != 0 || c == '/' || c == '-' || c == '_';
            });
            if (!good) throw problem("Invalid Basepath name provided.");
            const std::string middle = letters_and_digits(text);
            while (text.starts_with('/')) text.erase(0, 1);
            while (text.ends_with('/')) text.pop_back();
            add_mapping(middle, text);
        }
    }

    Context& context_;
    const Source& source_;
    const Json& domain_;
    std::string id_;
};

}  // namespace

void add_domain(Context& context, const Source& source, const Json& domain) {
    RestDomain(context, source, domain).add();
}

void add_domain_v2(Context& context, const Source& source, const Json& domain, const Json& tags) {
    DomainV2(context, source, domain).add(tags);
}

}  // namespace skafu::cloudformation::sam
